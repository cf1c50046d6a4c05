#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "ml/training/control/dqn.hpp"
#include "tests/ml/training/control/toy_environments.hpp"

// The queue of a job at two unequal servers: small enough to be solved exactly.

namespace weir {
namespace {

using Queues = TwoServers::Queues;

constexpr double kDiscount = 0.9;
constexpr int kLengths = TwoServers::kRoom + 1;
using Values = std::array<std::array<double, kLengths>, kLengths>;
using Rule = std::function<std::uint8_t(const Queues&)>;

// How likely a queue of so many becomes one of so many, after two chances to end a job.
std::array<double, kLengths> shortened(int queue, double ends) {
  std::array<double, kLengths> likely{};
  const double chances[] = {(1 - ends) * (1 - ends), 2 * ends * (1 - ends), ends * ends};
  for (int ended = 0; ended <= 2; ++ended) {
    likely[static_cast<std::size_t>(std::max(0, queue - ended))] += chances[ended];
  }
  return likely;
}

double expected_worth(const Queues& queues, std::uint8_t action, const Values& values) {
  const Queues loaded = TwoServers::with_job(queues, action);
  const auto fast = shortened(loaded[0], TwoServers::kEnds[0]);
  const auto slow = shortened(loaded[1], TwoServers::kEnds[1]);
  double worth = 0;
  for (int i = 0; i < kLengths; ++i) {
    for (int j = 0; j < kLengths; ++j) {
      worth += fast[i] * slow[j] * (TwoServers::reward({i, j}) + kDiscount * values[i][j]);
    }
  }
  return worth;
}

template <typename WorthAt>
double mean_by_iteration(const WorthAt& worth_at) {
  Values values{};
  for (int sweep = 0; sweep < 150; ++sweep) {  // 0.9 to this power is 1e-7.
    Values next{};
    for (int i = 0; i < kLengths; ++i) {
      for (int j = 0; j < kLengths; ++j) next[i][j] = worth_at(Queues{i, j}, values);
    }
    values = next;
  }
  double sum = 0;
  for (const auto& row : values) {
    for (const double value : row) sum += value;
  }
  return sum / (kLengths * kLengths);
}

double best_mean() {
  return mean_by_iteration([](const Queues& queues, const Values& values) {
    const Observation seen = TwoServers::at(queues);
    double best = -1e9;
    for (const auto action : {std::uint8_t{0}, std::uint8_t{1}}) {
      if (seen.feasible[action] == 0) continue;
      best = std::max(best, expected_worth(queues, action, values));
    }
    return best;
  });
}

double mean_of(const Rule& rule) {
  std::array<std::array<std::uint8_t, kLengths>, kLengths> actions{};
  for (int i = 0; i < kLengths; ++i) {
    for (int j = 0; j < kLengths; ++j) actions[i][j] = rule({i, j});
  }
  return mean_by_iteration([&](const Queues& queues, const Values& values) {
    return expected_worth(queues, actions[queues[0]][queues[1]], values);
  });
}

TEST(DqnRouting, IsWithinThreePercentOfTheBestPolicyFromNothing) {
  DqnOptions options{.n_step = {.steps = 3, .discount = kDiscount},
                     .batch = 128,
                     .least_transitions = 300,
                     .updates_per_target = 200};
  options.learning_rate = 5e-4;
  options.first_epsilon = 0.3;
  options.last_epsilon = 0.02;
  options.epsilon_steps = 3'000;
  Dqn dqn(DenseShape{.inputs = 2, .hidden = {64, 32}, .branches = {2}}, options,
          several<TwoServers>(4), Curriculum({"routing"}));
  dqn.learn(5'000);
  const double best = best_mean();
  const double learned =
      mean_of([&](const Queues& queues) { return dqn.decide(TwoServers::at(queues))[0]; });
  EXPECT_LT(learned / best, 1.03) << "both are costs: below zero";
  RecordProperty("learned_over_best", std::to_string(learned / best));

  // What is asked for is not what any policy gives.
  const double only_fast = mean_of([](const Queues& queues) {
    return static_cast<std::uint8_t>(queues[0] == TwoServers::kRoom &&
                                     !TwoServers::is_full(queues));
  });
  EXPECT_GT(only_fast / best, 1.1);
}

}  // namespace
}  // namespace weir
