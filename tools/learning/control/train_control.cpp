#include "tools/learning/control/train_control.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "tools/learning/control/control_checkpoint.hpp"
#include "tools/learning/parallel_games.hpp"

namespace weir {
namespace {

// Seeds of worlds to learn from, and to judge by; evaluations, tuning and the scorer have others.
constexpr std::uint64_t kSeedsPerTraining = 1'000'000;
constexpr std::uint64_t kFirstLearningSeed = 5'000'000'000;
constexpr std::uint64_t kFirstJudgingSeed = 6'000'000'000;
// Learning looks up so often.
constexpr std::int64_t kUpdatesAtOnce = 100;

struct Game {
  const Settings* world = nullptr;
  std::uint64_t seed = 0;
  ControlActor actor = {};
};

[[noreturn]] void refuse_worlds(const std::string& found, const std::string& needed) {
  throw Error("nothing can be learned in these worlds", found, needed,
              "a longer duration, or more load");
}

double mean_of(const std::vector<double>& numbers) {
  return numbers.empty() ? 0
                         : std::accumulate(numbers.begin(), numbers.end(), 0.0) /
                               static_cast<double>(numbers.size());
}

const std::vector<double>& costs_of(const ControlRun& run, std::size_t track) {
  return run.track_costs.empty() ? run.costs : run.track_costs[track];
}

// What ticks from `from` until before `to` cost less than the rule's did, relative to its mean.
double saved(const std::vector<double>& rule, const std::vector<double>& run, std::size_t from,
             std::size_t to) {
  const std::size_t end = std::min({to, rule.size(), run.size()});
  if (from >= end) return 0;
  double sum = 0;
  for (std::size_t i = from; i < end; ++i) sum += rule[i] - run[i];
  const double usual = mean_of(rule);
  return usual > 0 ? sum / static_cast<double>(end - from) / usual : 0;
}

class Training {
 public:
  Training(const ControlLevel& level, const ControlPlan& plan, const ControlWatch& watch)
      : level_(level),
        plan_(plan),
        watch_(watch),
        learner_(level.shape(), plan.learner, {}, Curriculum({level.kind()})) {}

  TrainedControl run(bool resume) {
    if (resume) rounds_ = load_control(learner_, plan_);
    count_what_is_to_do();
    if (rounds_.size() < plan_.rounds.size()) {
      const std::vector<ControlRun> rule = play(judging_games({}));
      while (rounds_.size() < plan_.rounds.size() && !stopped_) add_round(rule);
    }
    return {rounds_, best_round(), stopped_};
  }

 private:
  void count_what_is_to_do() {
    const std::size_t judged = plan_.judging.size() * static_cast<std::size_t>(plan_.judging_seeds);
    if (rounds_.size() == plan_.rounds.size()) return;
    all_ = judged;
    for (std::size_t i = rounds_.size(); i < plan_.rounds.size(); ++i) {
      all_ += judged + (i == 0 ? 1 : 2) * plan_.rounds[i].size() +
              static_cast<std::size_t>(plan_.updates / kUpdatesAtOnce);
    }
  }

  // Plays, learns and judges.
  void add_round(const std::vector<ControlRun>& judged_rule) {
    const std::size_t number = rounds_.size();
    const std::vector<ControlRun> rule = play(learning_games(number, {}));
    std::vector<ControlRun> tried;
    if (number > 0) tried = play(learning_games(number, actor_of(number)));
    if (stopped_) return;
    for (std::size_t i = 0; i < rule.size(); ++i) {
      remember(rule[i], rule[i], true);
      if (number > 0) remember(rule[i], tried[i], false);
    }
    if (learner_.replay().size() < plan_.learner.batch) {
      refuse_worlds(std::to_string(learner_.replay().size()) + " steps of control",
                    std::to_string(plan_.learner.batch) + " at least");
    }
    ControlRound round;
    learn(number == 0, round);
    if (stopped_) return;
    round.weights = learner_.weights();
    const std::vector<ControlRun> judged = play(judging_games({.weights = &round.weights}));
    if (stopped_) return;
    round.ratios = ratios_of(judged, judged_rule);
    rounds_.push_back(std::move(round));
    if (!plan_.checkpoint.empty()) save_control(learner_, rounds_, plan_);
  }

  ControlActor actor_of(std::size_t round) const {
    const double last = static_cast<double>(std::max<std::size_t>(2, plan_.rounds.size()) - 1);
    const double share = static_cast<double>(round - 1) / last;
    return {.weights = &rounds_[round - 1].weights,
            .epsilon = plan_.first_epsilon + share * (plan_.last_epsilon - plan_.first_epsilon)};
  }

  // The rule's own run is worth nothing more than itself.
  void remember(const ControlRun& rule, const ControlRun& run, bool by_rule) {
    std::size_t steps = 0;
    for (const ControlTrack& track : run.tracks) steps += track.size();
    const std::size_t every = 1 + steps / plan_.most_steps;
    std::size_t number = 0;
    for (std::size_t t = 0; t < run.tracks.size(); ++t) {
      const ControlTrack& track = run.tracks[t];
      if (track.size() < 2) continue;
      const std::vector<double>& rule_costs = costs_of(rule, t);
      const std::vector<double>& costs = costs_of(run, t);
      NStepWindow window(plan_.learner.n_step);
      window.begin(track.front().observation);
      for (std::size_t i = 0; i + 1 < track.size(); ++i) {
        const bool is_last = i + 2 == track.size();
        const Step step{.reward = reward_of(rule_costs, costs, track[i], track[i + 1]),
                        .observation = track[i + 1].observation,
                        .state = is_last ? EpisodeState::kCutOff : EpisodeState::kRunning};
        for (Transition& transition : window.add(track[i].actions, step, by_rule)) {
          if (number++ % every == 0) learner_.remember(std::move(transition));
        }
      }
    }
  }

  double reward_of(const std::vector<double>& rule, const std::vector<double>& run,
                   const ControlStep& step, const ControlStep& next) const {
    const auto tick_of = [&](Duration at) { return static_cast<std::size_t>(at / level_.tick()); };
    const std::size_t from = tick_of(step.at) + 1;
    const double gain = saved(rule, run, from, std::max(from, tick_of(next.at)) + 1);
    return level_.reward_scale() * gain - step.own_cost;
  }

  void learn(bool imitates, ControlRound& round) {
    double updates = 0;
    while (updates < static_cast<double>(plan_.updates) && !stopped_) {
      const auto left = plan_.updates - static_cast<std::int64_t>(updates);
      const LearningReport report = learner_.rehearse(std::min(kUpdatesAtOnce, left), imitates);
      const auto count = static_cast<double>(report.updates);
      round.loss += report.loss * count;
      round.error += report.error * count;
      updates += count;
      note_done();
    }
    round.loss /= updates;
    round.error /= updates;
  }

  int best_round() const {
    int best = 0;
    double least = 0;  // of the rule
    for (std::size_t i = 0; i < rounds_.size(); ++i) {
      if (cost(rounds_[i]) >= least) continue;
      least = cost(rounds_[i]);
      best = static_cast<int>(i) + 1;
    }
    return best;
  }

  std::vector<Game> judging_games(const ControlActor& actor) const {
    std::vector<Game> games;
    const std::uint64_t first = kFirstJudgingSeed + plan_.seed * kSeedsPerTraining;
    for (int seed = 0; seed < plan_.judging_seeds; ++seed) {
      for (const Settings& world : plan_.judging) {
        games.push_back({&world, first + static_cast<std::uint64_t>(seed), actor});
      }
    }
    return games;
  }

  std::vector<Game> learning_games(std::size_t round, const ControlActor& actor) const {
    std::vector<Game> games;
    const std::uint64_t seed = kFirstLearningSeed + plan_.seed * kSeedsPerTraining + round;
    for (const Settings& world : plan_.rounds[round]) {
      games.push_back({&world, seed, actor});
      games.back().actor.seed = mix_bits(seed) + games.size();
    }
    return games;
  }

  bool note_done() {
    const std::lock_guard lock(mutex_);
    if (!watch_(++done_, static_cast<int>(all_))) stopped_ = true;
    return !stopped_;
  }

  // In the order of the games; not all of them when stopped.
  std::vector<ControlRun> play(const std::vector<Game>& games) {
    std::vector<ControlRun> runs(games.size());
    play_in_parallel(games.size(), plan_.threads, stopped_, [&](std::size_t i) {
      Settings settings = *games[i].world;
      replace_setting(settings, "seed", std::to_string(games[i].seed));
      runs[i] = level_.play(options_of(settings), games[i].actor);
      note_done();
    });
    return runs;
  }

  // Both in the order of judging_games().
  std::vector<double> ratios_of(const std::vector<ControlRun>& judged,
                                const std::vector<ControlRun>& rule) const {
    std::vector<double> logarithms(plan_.judging.size());
    for (std::size_t i = 0; i < judged.size(); ++i) {
      if (judged[i].cost <= 0 || rule[i].cost <= 0) {
        refuse_worlds("a world where no task ended after the warm-up", "tasks to judge by");
      }
      logarithms[i % logarithms.size()] += std::log(judged[i].cost / rule[i].cost);
    }
    for (double& each : logarithms) each = std::exp(each / plan_.judging_seeds);
    return logarithms;
  }

  const ControlLevel& level_;
  const ControlPlan& plan_;
  const ControlWatch& watch_;
  Dqn learner_;
  std::vector<ControlRound> rounds_;
  std::mutex mutex_;
  std::atomic<bool> stopped_ = false;
  int done_ = 0;
  std::size_t all_ = 0;
};

}  // namespace

double cost(const ControlRound& round) {
  double sum = 0;
  for (const double ratio : round.ratios) sum += std::log(ratio);
  return sum / static_cast<double>(round.ratios.size()) +
         std::max(0.0, std::log(std::ranges::max(round.ratios)));
}

TrainedControl train_control(const ControlLevel& level, const ControlPlan& plan, bool resume,
                             const ControlWatch& watch) {
  WEIR_CHECK(!plan.rounds.empty() && !plan.judging.empty() && plan.judging_seeds > 0 &&
                 plan.threads > 0 && plan.updates > 0,
             "nothing to learn from, or to judge by");
  return Training(level, plan, watch).run(resume);
}

}  // namespace weir
