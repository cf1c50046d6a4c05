#include "runtime/control/online_learner.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "ml/inference/estimator_messages.hpp"

namespace weir {
namespace {

// Of the errors that are allowed in all, the share of the next trial.
PairedTrial next_trial(std::uint64_t& trials) {
  const auto k = static_cast<double>(++trials);
  return PairedTrial(OnlineLearner::kError / (k * (k + 1)));
}

double mean_loss(ServiceEstimator& estimator, std::span<const ServiceSample> samples) {
  double sum = 0;
  for (const ServiceSample& sample : samples) {
    float correction = 0;
    estimator.evaluate({&sample.features, 1}, {&correction, 1});
    sum += service_loss(sample.ratio, correction);
  }
  return sum / static_cast<double>(samples.size());
}

double told_loss(std::span<const ServiceSample> samples) {
  double sum = 0;
  for (const ServiceSample& sample : samples) sum += service_loss(sample.ratio, 0);
  return sum / static_cast<double>(samples.size());
}

// Enough for a mean, and few enough for a control thread.
std::vector<ServiceSample> some_of(const std::vector<ServiceSample>& samples) {
  constexpr std::size_t kSome = 1'000;
  const std::size_t step = samples.size() / kSome + 1;
  std::vector<ServiceSample> some;
  for (std::size_t i = 0; i < samples.size(); i += step) some.push_back(samples[i]);
  return some;
}

bool is_same(const ServiceEstimator& one, const ServiceEstimator& other) {
  return std::ranges::equal(one.network().parameters(), other.network().parameters());
}

}  // namespace

OnlineLearner::OnlineLearner(const ServiceEstimator& given, EstimatorTrainer& trainer)
    : trainer_(trainer), given_(given), in_use_(given) {}

void OnlineLearner::add(std::span<const ServiceSample> samples, Instant now) {
  if (samples.empty()) return;
  if (counts_.tasks == 0) next_fit_ = now + kPause;
  keep(samples);
  features_.clear();
  ratios_.clear();
  for (const ServiceSample& sample : samples) {
    features_.push_back(sample.features);
    ratios_.push_back(sample.ratio);
    counts_.told_loss += service_loss(sample.ratio, 0);
  }
  counts_.tasks += samples.size();
  losses_of(given_, other_losses_);
  counts_.given_loss =
      std::accumulate(other_losses_.begin(), other_losses_.end(), counts_.given_loss);
  losses_of(in_use_, in_use_losses_);
  counts_.in_use_loss =
      std::accumulate(in_use_losses_.begin(), in_use_losses_.end(), counts_.in_use_loss);
  try_on_these(candidate_, now);
  try_on_these(former_, now);
}

void OnlineLearner::keep(std::span<const ServiceSample> samples) {
  new_samples_ += samples.size();
  for (const ServiceSample& sample : samples) {
    if (samples_.size() < kMostSamples) {
      samples_.push_back(sample);
      continue;
    }
    samples_[next_place_] = sample;
    next_place_ = (next_place_ + 1) % kMostSamples;
  }
}

void OnlineLearner::losses_of(ServiceEstimator& estimator, std::vector<double>& losses) {
  corrections_.resize(features_.size());
  estimator.evaluate(features_, corrections_);
  losses.resize(features_.size());
  for (std::size_t i = 0; i < features_.size(); ++i) {
    losses[i] = service_loss(ratios_[i], corrections_[i]);
  }
}

void OnlineLearner::try_on_these(std::optional<Challenger>& challenger, Instant now) {
  if (!challenger) return;
  losses_of(challenger->estimator, other_losses_);
  for (std::size_t i = 0; i < features_.size(); ++i) {
    challenger->trial.add(in_use_losses_[i], other_losses_[i], now);
    challenger->told_loss += (service_loss(ratios_[i], 0) - challenger->told_loss) /
                             static_cast<double>(challenger->trial.task_count());
  }
}

std::vector<LearningEvent> OnlineLearner::look(Instant now) {
  take_fit(now);
  judge_candidate();
  judge_former(now);
  take_proposal();
  begin_fit_if_due(now);
  return std::exchange(events_, {});
}

void OnlineLearner::begin_fit_if_due(Instant now) {
  if (candidate_ || trainer_.is_busy() || now < next_fit_ || new_samples_ < kFewestNew) return;
  new_samples_ = 0;
  next_fit_ = now + pause_;
  fit_is_void_ = false;
  fit_size_ = samples_.size();
  being_fitted_ = some_of(samples_);
  trainer_.begin(samples_, in_use_, now);
}

void OnlineLearner::take_fit(Instant now) {
  if (!trainer_.is_busy()) return;
  auto fitted = trainer_.try_take(now);
  if (!fitted) return;
  if (fit_is_void_) return;
  ++counts_.fits;
  const bool is_sound = is_finite(*fitted);
  events_.push_back({.step = LearningStep::kFitted,
                     .version = version_,
                     .task_count = fit_size_,
                     .told_loss = told_loss(being_fitted_),
                     .in_use_loss = mean_loss(in_use_, being_fitted_),
                     .challenger_loss = mean_loss(*fitted, being_fitted_)});
  candidate_ = Challenger{std::move(*fitted), next_trial(candidate_trials_), fit_size_};
  if (is_sound) return;
  refuse();
  note(LearningStep::kDropped, *candidate_);
  candidate_.reset();
}

void OnlineLearner::take_proposal() {
  if (!proposed_ || candidate_ || trainer_.is_busy()) return;
  ServiceEstimator average = std::move(*std::exchange(proposed_, std::nullopt));
  if (is_same(average, in_use_)) return;
  ++counts_.averages;
  events_.push_back({.step = LearningStep::kAveraged, .version = version_});
  candidate_ = Challenger{std::move(average), next_trial(candidate_trials_), 0};
}

bool OnlineLearner::is_exhausted(const Challenger& candidate) const {
  if (candidate.trial.block_count() >= kMostBlocks) return true;
  return candidate.fitted_to > 0 && candidate.trial.block_count() >= PairedTrial::kFewestBlocks &&
         candidate.trial.task_count() >= 2 * candidate.fitted_to;
}

void OnlineLearner::judge_candidate() {
  if (!candidate_) return;
  if (candidate_->trial.challenger_is_better()) {
    ++version_;
    note(LearningStep::kPromoted, *candidate_);
    former_ = Challenger{std::move(in_use_), next_trial(former_trials_)};
    former_fitted_to_ = fitted_to_;
    in_use_ = std::move(candidate_->estimator);
    fitted_to_ = candidate_->fitted_to;
    candidate_.reset();
    return;
  }
  const bool is_worse = candidate_->trial.challenger_is_worse();
  if (!is_worse && !is_exhausted(*candidate_)) return;
  if (is_worse) refuse();
  note(LearningStep::kDropped, *candidate_);
  candidate_.reset();
}

void OnlineLearner::judge_former(Instant now) {
  if (!former_) return;
  if (former_->trial.challenger_is_better()) {
    ++version_;
    note(LearningStep::kRolledBack, *former_);
    in_use_ = std::move(former_->estimator);
    fitted_to_ = former_fitted_to_;
    former_.reset();
    if (candidate_) note(LearningStep::kDropped, *candidate_);
    candidate_.reset();
    fit_is_void_ = true;
    samples_.clear();
    next_place_ = new_samples_ = 0;
    refuse();
    next_fit_ = now + pause_;
    return;
  }
  const bool stands = former_->trial.challenger_is_worse();
  if (!stands && former_->trial.block_count() < kMostBlocks) return;
  pause_ = kPause;
  former_->trial = next_trial(former_trials_);
  former_->told_loss = 0;
}

void OnlineLearner::note(LearningStep step, const Challenger& challenger) {
  counts_.promotions += step == LearningStep::kPromoted ? 1 : 0;
  counts_.drops += step == LearningStep::kDropped ? 1 : 0;
  counts_.rollbacks += step == LearningStep::kRolledBack ? 1 : 0;
  counts_.version = version_;
  events_.push_back({.step = step,
                     .version = version_,
                     .task_count = challenger.trial.task_count(),
                     .told_loss = challenger.told_loss,
                     .in_use_loss = challenger.trial.loss_in_use(),
                     .challenger_loss = challenger.trial.loss_of_challenger()});
}

}  // namespace weir
