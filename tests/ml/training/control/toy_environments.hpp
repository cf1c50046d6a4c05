// Small worlds whose best decisions are known, or can be computed exactly.

#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ml/inference/node_set_network.hpp"
#include "ml/training/control/dqn.hpp"
#include "ml/training/experience/environment.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {

template <typename World, typename... Arguments>
std::vector<std::unique_ptr<Environment>> several(std::size_t count, Arguments... arguments) {
  std::vector<std::unique_ptr<Environment>> worlds;
  for (std::size_t i = 0; i < count; ++i) worlds.push_back(std::make_unique<World>(arguments...));
  return worlds;
}

// Six places in a row. A step goes left (0) or right (1), and one time in ten the other way. Right
// of the last place waits a reward of 1 and the end; the left end pays 0.1 for each step that stays
// there.
class Chain final : public Environment {
 public:
  static constexpr int kPlaces = 6;
  static constexpr double kSlip = 0.1;

  static Observation at(int place) {
    Observation seen{.context = std::vector<float>(kPlaces)};
    seen.context[static_cast<std::size_t>(place)] = 1;
    return seen;
  }
  // Where a step that goes that way leads, and what it pays; nothing: to the end.
  static std::optional<int> next(int place, bool right) {
    if (right && place == kPlaces - 1) return std::nullopt;
    return right ? place + 1 : std::max(0, place - 1);
  }
  static double reward(int place, bool right) {
    if (right) return place == kPlaces - 1 ? 1 : 0;
    return place == 0 ? 0.1 : 0;
  }
  // By value iteration; [place][action].
  static std::array<std::array<double, 2>, kPlaces> best_values(double discount) {
    std::array<std::array<double, 2>, kPlaces> q{};
    for (int sweep = 0; sweep < 2'000; ++sweep) {
      const auto worth = [&](int place, bool right) {
        const auto there = next(place, right);
        const double rest = there ? std::max(q[*there][0], q[*there][1]) : 0;
        return reward(place, right) + discount * rest;
      };
      for (int place = 0; place < kPlaces; ++place) {
        for (const int action : {0, 1}) {
          q[place][action] =
              (1 - kSlip) * worth(place, action == 1) + kSlip * worth(place, action == 0);
        }
      }
    }
    return q;
  }

  Observation reset(const Episode& episode) override {
    random_ = Random(episode.seed);
    place_ = static_cast<int>(random_.below(kPlaces));
    steps_ = 0;
    return at(place_);
  }
  Step step(const Actions& actions) override {
    const bool right = (actions[0] == 1) != (random_.uniform() < kSlip);
    const double paid = reward(place_, right);
    const auto there = next(place_, right);
    if (!there) return {.reward = paid, .observation = {}, .state = EpisodeState::kEnded};
    place_ = *there;
    return {.reward = paid,
            .observation = at(place_),
            .state = ++steps_ == 20 ? EpisodeState::kCutOff : EpisodeState::kRunning};
  }

 private:
  Random random_{0};
  int place_ = 0;
  int steps_ = 0;
};

// Two people must agree on one of three meeting places; which of them is worth most depends on what
// both see. Agreeing elsewhere pays half or a quarter of that, not agreeing pays nothing.
class Meeting final : public Environment {
 public:
  static constexpr int kSights = 3;

  static Observation seeing(int sight) {
    Observation seen{.context = std::vector<float>(kSights)};
    seen.context[static_cast<std::size_t>(sight)] = 1;
    return seen;
  }
  static double reward(int sight, const Actions& actions) {
    if (actions[0] != actions[1]) return 0;
    constexpr std::array kWorth{1.0, 0.5, 0.25};
    return kWorth[static_cast<std::size_t>((actions[0] + sight) % 3)];
  }

  Observation reset(const Episode& episode) override {
    sight_ = static_cast<int>(Random(episode.seed).below(kSights));
    return seeing(sight_);
  }
  Step step(const Actions& actions) override {
    return {.reward = reward(sight_, actions), .observation = {}, .state = EpisodeState::kEnded};
  }

 private:
  int sight_ = 0;
};

// Each step a job arrives and is sent to one of two queues of at most eight, unless both are full.
// Then, twice, the fast server ends a job with probability 0.6 and the slow one with 0.25. What is
// paid is minus the jobs that are there, in tenths. The rule joins the queue with the least
// expected wait.
class TwoServers final : public Environment {
 public:
  static constexpr int kRoom = 8;
  static constexpr std::array kEnds{0.6, 0.25};
  using Queues = std::array<int, 2>;

  static bool is_full(const Queues& queues) { return queues[0] == kRoom && queues[1] == kRoom; }
  static Observation at(const Queues& queues) {
    Observation seen;
    for (const int queue : queues) seen.context.push_back(static_cast<float>(queue) / kRoom);
    for (const int queue : queues) seen.feasible.push_back(queue < kRoom || is_full(queues));
    const double fast = (queues[0] + 1) / kEnds[0];
    const double slow = (queues[1] + 1) / kEnds[1];
    const bool to_slow = seen.feasible[0] == 0 || (seen.feasible[1] != 0 && slow < fast);
    seen.rule_actions = {static_cast<std::uint8_t>(to_slow)};
    return seen;
  }
  static Queues with_job(Queues queues, std::uint8_t action) {
    if (!is_full(queues)) ++queues[action];
    return queues;
  }
  static double reward(const Queues& queues) { return -0.1 * (queues[0] + queues[1]); }

  Observation reset(const Episode& episode) override {
    random_ = Random(episode.seed);
    for (int& queue : queues_) queue = static_cast<int>(random_.below(kRoom + 1));
    steps_ = 0;
    return at(queues_);
  }
  Step step(const Actions& actions) override {
    WEIR_CHECK(at(queues_).feasible[actions[0]] != 0, "a job for a full queue");
    queues_ = with_job(queues_, actions[0]);
    for (int twice = 0; twice < 2; ++twice) {
      for (const int i : {0, 1}) {
        const bool ends = random_.uniform() < kEnds[i];
        if (ends && queues_[i] > 0) --queues_[i];
      }
    }
    return {.reward = reward(queues_),
            .observation = at(queues_),
            .state = ++steps_ == 40 ? EpisodeState::kCutOff : EpisodeState::kRunning};
  }

 private:
  Random random_{0};
  Queues queues_{};
  int steps_ = 0;
};

// Five actions, which pay 0, 0.2, 0.4, 0.6 and 0.8. Counts how often each was taken since it was
// last asked.
class FivePrices final : public Environment {
 public:
  explicit FivePrices(std::array<int, 5>* taken) : taken_(taken) {}

  Observation reset(const Episode&) override { return {.context = {1}}; }
  Step step(const Actions& actions) override {
    ++(*taken_)[actions[0]];
    return {.reward = 0.2 * actions[0], .observation = {}, .state = EpisodeState::kEnded};
  }

 private:
  std::array<int, 5>* taken_;
};

// Pays 1 for every step, whatever is done, and would go on for ever.
class SteadyPay final : public Environment {
 public:
  Observation reset(const Episode&) override {
    steps_ = 0;
    return {.context = {1}};
  }
  Step step(const Actions&) override {
    return {.reward = 1,
            .observation = {.context = {1}},
            .state = ++steps_ == 10 ? EpisodeState::kCutOff : EpisodeState::kRunning};
  }

 private:
  int steps_ = 0;
};

// A gate, and a toll behind it that costs 1: there is a way around it, but nobody may take it.
class Toll final : public Environment {
 public:
  static Observation gate() { return {.context = {1, 0}}; }
  static Observation toll() { return {.context = {0, 1}, .feasible = {1, 0}}; }

  Observation reset(const Episode&) override {
    is_through_ = false;
    return gate();
  }
  Step step(const Actions& actions) override {
    if (!is_through_) {
      is_through_ = true;
      return {.reward = 0, .observation = toll(), .state = EpisodeState::kRunning};
    }
    WEIR_CHECK(actions[0] == 0, "around the toll");
    return {.reward = -1, .observation = {}, .state = EpisodeState::kEnded};
  }

 private:
  bool is_through_ = false;
};

// A set of 2 to 9 nodes with two classes, new at every step. Each node has a load of 0, 1 or 2, and
// each class a need of 0 or 1 there: the right action is 2, less (hold, raise) the more of them
// there is. For the whole set it is whether some node has load 2. What is paid is the share of
// right actions. The rule knows.
class LoadedSet final : public Environment {
 public:
  static NodeSetShape shape() {
    return {.node_features = 2,
            .class_features = 2,
            .context_features = 1,
            .node_actions = 3,
            .set_branches = {2}};
  }

  Observation reset(const Episode& episode) override {
    random_ = Random(episode.seed);
    steps_ = 0;
    return seen_ = draw();
  }
  Step step(const Actions& actions) override {
    double right = 0;
    std::size_t first = 0;
    for (const std::uint8_t action : actions) {
      WEIR_CHECK(seen_.feasible[first + action] != 0, "an action that is not feasible");
      first += 3;
    }
    for (std::size_t i = 0; i < actions.size(); ++i) right += actions[i] == seen_.rule_actions[i];
    const double share = right / static_cast<double>(actions.size());
    seen_ = draw();
    return {.reward = share,
            .observation = seen_,
            .state = ++steps_ == 11 ? EpisodeState::kEnded : EpisodeState::kRunning};
  }

 private:
  Observation draw() {
    Observation seen{.context = {static_cast<float>(random_.uniform())}};
    const std::size_t nodes = 2 + random_.below(8);
    bool is_loaded = false;
    for (std::size_t node = 0; node < nodes; ++node) {
      const auto load = static_cast<int>(random_.below(3));
      is_loaded = is_loaded || load == 2;
      seen.nodes.insert(seen.nodes.end(), {static_cast<float>(load) - 1, 1});
      for (int c = 0; c < 2; ++c) {
        const auto need = static_cast<int>(random_.below(2));
        seen.classes.insert(seen.classes.end(), {static_cast<float>(need), 1});
        seen.rule_actions.push_back(static_cast<std::uint8_t>(2 - std::min(2, load + need)));
        // Now and then one of the wrong actions is not feasible.
        for (int action = 0; action < 3; ++action) {
          seen.feasible.push_back(action == seen.rule_actions.back() || random_.below(4) > 0);
        }
      }
    }
    seen.rule_actions.push_back(is_loaded ? 1 : 0);
    seen.feasible.insert(seen.feasible.end(), {1, 1});
    return seen;
  }

  Random random_{0};
  Observation seen_;
  int steps_ = 0;
};

// The share of the rule's actions that the learner would have taken too, while the rule plays.
inline double agreement(const Dqn& dqn, Environment& world, int steps) {
  double same = 0;
  double all = 0;
  Observation seen;
  EpisodeState state = EpisodeState::kEnded;
  for (int i = 0; i < steps; ++i) {
    if (state != EpisodeState::kRunning) {
      seen = world.reset({.seed = 1'000'000 + static_cast<std::uint64_t>(i)});
    }
    const Actions actions = dqn.decide(seen);
    for (std::size_t branch = 0; branch < actions.size(); ++branch) {
      same += actions[branch] == seen.rule_actions[branch];
      ++all;
    }
    const Step step = world.step(seen.rule_actions);
    state = step.state;
    seen = step.observation;
  }
  return same / all;
}

}  // namespace weir
