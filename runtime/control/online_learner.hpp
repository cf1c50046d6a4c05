// Learns of the tasks of one cluster, while they run, how long tasks take at its nodes, and decides
// by which service estimator (ml/inference/service_estimator.hpp) its homes go.
//
// The newest tasks are kept. Every so often a trainer fits an estimator to them, going on from the
// one in use. What comes of it is a candidate and decides nothing: it is tried in the shadow of the
// one in use, on tasks that end after it was fitted, so that neither has seen them. If it is surely
// better (ml/inference/paired_trial.hpp), it is promoted, in one step. The one that was in use goes
// into the shadow, and if it turns out surely better, it is in use again, in one step.
//
// A candidate is tried for as many tasks as it was fitted to, twice, and then dropped: the next one
// knows more. The chances of an error of all trials add up to less than kError, for promotions and
// for rollbacks each: the k-th trial has 1 / k(k+1) of it. Where weights were rolled back the world
// has changed or the trial was wrong: what they were fitted to is forgotten, and the pause until
// the next fit is twice as long, and so after a candidate that was surely worse, until weights have
// stood a whole trial against those before them.
//
// Tasks are those that the one in use has placed. An estimator is tried where the other one chose,
// which is a little unfair to it in both directions; what it is worth in responses the guards of
// the homes see (ml/inference/placement_guard.hpp).

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ml/inference/estimator_trainer.hpp"
#include "ml/inference/paired_trial.hpp"
#include "ml/inference/service_sample.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/learning_observer.hpp"

namespace weir {

class OnlineLearner {
 public:
  static constexpr double kError = 0.05;
  static constexpr std::size_t kMostSamples = 40'000;  // that are kept: two megabytes
  static constexpr std::size_t kFewestNew = 2'000;     // since the last fit, for another one
  static constexpr Duration kPause = std::chrono::seconds(10);  // between two fits, at first
  static constexpr Duration kLongestPause = std::chrono::minutes(5);
  // After so many blocks a trial is over, and the next one of the weights before begins.
  static constexpr int kMostBlocks = 60;

  // The trainer outlives the learner.
  OnlineLearner(const ServiceEstimator& given, EstimatorTrainer& trainer);

  // Tasks have ended. Times do not go back.
  void add(std::span<const ServiceSample> samples, Instant now);
  // One more candidate, from elsewhere. The newest one waits until no other is tried.
  void propose(const ServiceEstimator& average) { proposed_ = average; }
  // Looks what has come of fits and trials, and begins new ones. What has happened, in order.
  std::vector<LearningEvent> look(Instant now);

  const ServiceEstimator& in_use() const { return in_use_; }
  std::uint32_t version() const { return version_; }  // of it; what was given has zero
  // Tasks that it was fitted to, here; zero: none.
  std::uint64_t fitted_to() const { return fitted_to_; }
  const LearningCounts& counts() const { return counts_; }

 private:
  // In the shadow of the one in use.
  struct Challenger {
    ServiceEstimator estimator;
    PairedTrial trial;
    std::uint64_t fitted_to = 0;  // zero: it comes from elsewhere
    double told_loss = 0;         // mean over the tasks of the trial
  };

  void keep(std::span<const ServiceSample> samples);
  void losses_of(ServiceEstimator& estimator, std::vector<double>& losses);
  void try_on_these(std::optional<Challenger>& challenger, Instant now);
  void take_fit(Instant now);
  void take_proposal();
  void judge_candidate();
  void judge_former(Instant now);
  void begin_fit_if_due(Instant now);
  bool is_exhausted(const Challenger& candidate) const;
  void note(LearningStep step, const Challenger& challenger);
  void refuse() { pause_ = std::min(2 * pause_, kLongestPause); }

  EstimatorTrainer& trainer_;
  ServiceEstimator given_;
  ServiceEstimator in_use_;
  std::uint32_t version_ = 0;
  std::uint64_t fitted_to_ = 0;
  std::optional<Challenger> candidate_;
  std::optional<Challenger> former_;
  std::optional<ServiceEstimator> proposed_;
  std::uint64_t former_fitted_to_ = 0;

  std::vector<ServiceSample> samples_;  // the newest, once it is full in a ring
  std::size_t next_place_ = 0;
  std::size_t new_samples_ = 0;
  std::uint64_t fit_size_ = 0;               // tasks of the newest fit
  std::vector<ServiceSample> being_fitted_;  // some of them
  bool fit_is_void_ = false;                 // what is fitted is not wanted any more
  Instant next_fit_{};
  Duration pause_ = kPause;
  std::uint64_t candidate_trials_ = 0;
  std::uint64_t former_trials_ = 0;

  LearningCounts counts_;
  std::vector<LearningEvent> events_;
  // Of the tasks that have just come.
  std::vector<ServiceFeatures> features_;
  std::vector<float> ratios_;
  std::vector<float> corrections_;
  std::vector<double> in_use_losses_;
  std::vector<double> other_losses_;
};

}  // namespace weir
