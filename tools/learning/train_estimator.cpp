#include "tools/learning/train_estimator.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "tools/learning/estimator_checkpoint.hpp"
#include "tools/learning/parallel_games.hpp"
#include "tools/learning/placement_samples.hpp"

namespace weir {
namespace {

// Seeds of worlds to learn from, and to judge by; evaluations and tuning have others.
constexpr std::uint64_t kSeedsPerTraining = 1'000'000;
constexpr std::uint64_t kFirstLearningSeed = 3'000'000'000;
constexpr std::uint64_t kFirstJudgingSeed = 4'000'000'000;

struct Game {
  const Settings* world = nullptr;
  std::uint64_t seed = 0;
};

SimulateOptions options_for(const Game& game) {
  Settings settings = *game.world;
  replace_setting(settings, "policy", "tree");
  replace_setting(settings, "seed", std::to_string(game.seed));
  return options_of(settings);
}

// Of so many, spread evenly.
void thin_out(std::vector<ServiceSample>& samples, std::size_t most) {
  if (samples.size() <= most) return;
  for (std::size_t i = 0; i < most; ++i) samples[i] = samples[i * samples.size() / most];
  samples.resize(most);
}

[[noreturn]] void refuse_worlds(const std::string& found, const std::string& needed) {
  throw Error("nothing can be learned in these worlds", found, needed,
              "a longer duration, or more load");
}

class Rounds {
 public:
  Rounds(const EstimatorPlan& plan, std::vector<EstimatorRound> before, const EstimatorWatch& watch)
      : plan_(plan), watch_(watch), rounds_(std::move(before)) {
    const std::size_t judged = plan.judging.size() * static_cast<std::size_t>(plan.judging_seeds);
    all_ = judged * (1 + plan.rounds.size() - rounds_.size());
    for (const std::vector<Settings>& worlds : plan.rounds) all_ += worlds.size();
  }

  TrainedEstimator run() {
    const std::vector<SampledRun> rule = play(judging_games(), ServiceEstimator());
    ServiceEstimator estimator = ServiceEstimator::untrained(plan_.seed);
    for (std::size_t i = 0; i < plan_.rounds.size() && !stopped_; ++i) {
      gather_samples(i, estimator);
      if (stopped_) break;
      if (i >= rounds_.size()) add_round(estimator, rule);
      if (!stopped_) estimator = rounds_[i].estimator;
    }
    return {rounds_, best_round(), stopped_};
  }

 private:
  void gather_samples(std::size_t round, const ServiceEstimator& estimator) {
    for (SampledRun& run : play(learning_games(round), estimator)) {
      samples_.insert(samples_.end(), run.samples.begin(), run.samples.end());
    }
  }

  // Fits and judges.
  void add_round(const ServiceEstimator& before, const std::vector<SampledRun>& rule) {
    EstimatorRound round{.estimator = before};
    ServiceFitOptions fit = plan_.fit;
    if (samples_.size() < fit.batch_size) {
      refuse_worlds(std::to_string(samples_.size()) + " tasks whose nodes had told of their class",
                    std::to_string(fit.batch_size) + " at least");
    }
    fit.seed = plan_.seed + rounds_.size();
    const auto epochs = fit_service_estimator(round.estimator, samples_, fit);
    round.loss = epochs.back().loss;
    round.told_loss = epochs.back().told_loss;
    const std::vector<SampledRun> judged = play(judging_games(), round.estimator);
    if (stopped_) return;
    round.ratios = ratios_of(judged, rule);
    rounds_.push_back(std::move(round));
    if (!plan_.checkpoint.empty()) save_rounds(rounds_, plan_);
  }

  int best_round() const {
    int best = 0;
    double least = 0;  // of the rule
    for (std::size_t i = 0; i < rounds_.size(); ++i) {
      const bool is_better = cost(rounds_[i]) < least;
      if (!is_better) continue;
      least = cost(rounds_[i]);
      best = static_cast<int>(i) + 1;
    }
    return best;
  }

  std::vector<Game> judging_games() const {
    std::vector<Game> games;
    const std::uint64_t first = kFirstJudgingSeed + plan_.seed * kSeedsPerTraining;
    for (int seed = 0; seed < plan_.judging_seeds; ++seed) {
      for (const Settings& world : plan_.judging) {
        games.push_back({&world, first + static_cast<std::uint64_t>(seed)});
      }
    }
    return games;
  }

  std::vector<Game> learning_games(std::size_t round) const {
    std::vector<Game> games;
    const std::uint64_t seed = kFirstLearningSeed + plan_.seed * kSeedsPerTraining + round;
    for (const Settings& world : plan_.rounds[round]) games.push_back({&world, seed});
    return games;
  }

  // In the order of the games; not all of them when stopped.
  std::vector<SampledRun> play(const std::vector<Game>& games, const ServiceEstimator& estimator) {
    std::vector<SampledRun> runs(games.size());
    play_in_parallel(games.size(), plan_.threads, stopped_, [&](std::size_t i) {
      runs[i] = sample_run(options_for(games[i]), estimator);
      thin_out(runs[i].samples, plan_.most_samples);
      const std::lock_guard lock(mutex_);
      if (!watch_(++done_, static_cast<int>(all_))) stopped_ = true;
    });
    return runs;
  }

  // Both in the order of judging_games().
  std::vector<double> ratios_of(const std::vector<SampledRun>& judged,
                                const std::vector<SampledRun>& rule) const {
    std::vector<double> logarithms(plan_.judging.size());
    for (std::size_t i = 0; i < judged.size(); ++i) {
      if (judged[i].mean_ms <= 0 || rule[i].mean_ms <= 0) {
        refuse_worlds("a world where no task ended after the warm-up", "tasks to judge by");
      }
      logarithms[i % logarithms.size()] += std::log(judged[i].mean_ms / rule[i].mean_ms);
    }
    for (double& each : logarithms) each = std::exp(each / plan_.judging_seeds);
    return logarithms;
  }

  const EstimatorPlan& plan_;
  const EstimatorWatch& watch_;
  std::vector<EstimatorRound> rounds_;
  std::vector<ServiceSample> samples_;
  std::mutex mutex_;
  std::atomic<bool> stopped_ = false;
  int done_ = 0;
  std::size_t all_ = 0;
};

}  // namespace

double cost(const EstimatorRound& round) {
  double sum = 0;
  for (const double ratio : round.ratios) sum += std::log(ratio);
  return sum / static_cast<double>(round.ratios.size()) +
         std::max(0.0, std::log(std::ranges::max(round.ratios)));
}

TrainedEstimator train_estimator(const EstimatorPlan& plan, std::vector<EstimatorRound> before,
                                 const EstimatorWatch& watch) {
  WEIR_CHECK(!plan.judging.empty() && plan.judging_seeds > 0 && plan.threads > 0,
             "nothing to judge by");
  WEIR_CHECK(before.size() <= plan.rounds.size(), "more rounds than planned");
  return Rounds(plan, std::move(before), watch).run();
}

}  // namespace weir
