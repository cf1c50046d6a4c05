// Networks that misbehave in every way the guard knows of, in a world where nodes differ, slow down
// by half and come back: responses stay within three per cent of the rule's, and the policy says
// why. Left alone, they cost more than that, but for two that are wrong about all nodes alike and
// one that gives no number.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "ml/inference/learned_policy.hpp"
#include "runtime/policy/tree_policy.hpp"
#include "runtime/sim/simulation.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/poisson_source.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 21;
constexpr int kHomes = 4;
// Four fifths of what the nodes can do.
constexpr PoissonArrivals kArrivals{
    .rate_per_s = 250, .count = 250 * 90, .seed = kSeed, .class_count = 3};

// Counts tasks that arrive from `from` to `until`.
struct Outcome final : SimulationSink {
  void on_completed(const CompletedTask& task, SimTime now) override {
    const Duration arrival = now.time_since_epoch() - task.response;
    if (arrival < from || arrival >= until) return;
    sum_s += to_seconds(task.response);
    tasks += 1;
  }
  double mean_s() const { return sum_s / tasks; }
  friend bool operator==(const Outcome& one, const Outcome& other) {
    return one.sum_s == other.sum_s && one.counts == other.counts;
  }

  Duration from = 10s;
  Duration until = 90s;
  double sum_s = 0;
  double tasks = 0;
  DecisionCounts counts;
};

using MakePolicy = std::function<std::unique_ptr<LearnedPolicy>()>;

// Of the rule alone where `make_policy` is empty.
Outcome play(const MakePolicy& make_policy, Duration report_interval, Outcome outcome = {}) {
  SimulationOptions options{
      .nodes = EmulationSpec::parse(
          "nodes=4x0.9*8,5x1*8,7x1.2*8;work_ms=100;affinity=1/1/1,0.7/1/1.4,1.6/1/0.5;"
          "drift_speed=0.5;drift_good_s=20;drift_slow_s=7"),
      .dispatcher_count = kHomes,
      .policy = "tree",
      .seed = kSeed,
      .class_count = 3,
      .report_interval = report_interval};
  std::vector<const LearnedPolicy*> homes;
  if (make_policy) {
    options.observe_policy = [&](RankId, std::unique_ptr<Policy>, const SimTime&) {
      auto learned = make_policy();
      homes.push_back(learned.get());
      return std::make_unique<TreePolicy>(std::move(learned));
    };
  }
  Simulation world(options, poisson_at_each_home(kArrivals), outcome);
  world.run();
  for (const LearnedPolicy* home : homes) outcome.counts += *home->decision_counts();
  return outcome;
}

// A network of one hidden unit for each part of a feature: out = bias + sum of weight x
// max(0, slope x feature + offset + other slope x other feature).
struct Part {
  ServiceFeature feature;
  float slope = 1;
  float offset = 0;
  float weight = 1;
  ServiceFeature other = ServiceFeature::kUnlikeItsKind;
  float other_slope = 0;
};

ServiceEstimator estimator_of(const std::vector<Part>& parts, float bias = 0) {
  ServiceEstimator estimator;
  const auto parameters = estimator.network().parameters();
  constexpr std::size_t kBiases = kServiceFeatures * ServiceEstimator::kHidden;
  constexpr std::size_t kWeights = kBiases + ServiceEstimator::kHidden;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto slopes = parameters.subspan(i * kServiceFeatures, kServiceFeatures);
    slopes[static_cast<std::size_t>(parts[i].feature)] += parts[i].slope;
    slopes[static_cast<std::size_t>(parts[i].other)] += parts[i].other_slope;
    parameters[kBiases + i] = parts[i].offset;
    parameters[kWeights + i] = parts[i].weight;
  }
  parameters.back() = bias;
  return estimator;
}

struct Misbehaviour {
  const char* name;
  ServiceEstimator estimator;
  GuardReason reason;
  bool is_slow = false;
  Duration report_interval = 100ms;
  bool does_harm = true;  // alone

  std::unique_ptr<LearnedPolicy> policy(bool guarded) const {
    LearnedOptions options{.guarded = guarded};
    // Every look at it is a millisecond later.
    if (is_slow) options.clock = [now = Instant{}]() mutable { return now += 1ms; };
    return std::make_unique<LearnedPolicy>(options, estimator);
  }
};
std::ostream& operator<<(std::ostream& out, const Misbehaviour& each) { return out << each.name; }

// Fitted where reports were never older than a second: it corrects nothing there. Of older ones it
// says -4 times how unlike its kind a node is, so that slow nodes look fast.
ServiceEstimator used_to_fresh_reports() {
  using enum ServiceFeature;
  ServiceEstimator estimator =
      estimator_of({{kReportAge, 40, -38, -1, kUnlikeItsKind, 4}, {kReportAge, 40, -38, 1}});
  SeenFeatures seen;
  seen.least[static_cast<std::size_t>(ServiceFeature::kReportAge)] = 0;
  seen.most[static_cast<std::size_t>(ServiceFeature::kReportAge)] = 0.9F;
  estimator.set_seen(seen);
  return estimator;
}

std::vector<Misbehaviour> misbehaviours() {
  using enum ServiceFeature;
  std::vector<Misbehaviour> all;
  all.push_back({.name = "always_slower",
                 .estimator = estimator_of({}, 1),
                 .reason = GuardReason::kWorseEstimates,
                 .does_harm = false});
  all.push_back({.name = "always_faster",
                 .estimator = estimator_of({}, -1),
                 .reason = GuardReason::kWorseEstimates,
                 .does_harm = false});
  all.push_back({"slow_nodes_look_fast",
                 estimator_of({{kUnlikeItsKind, 1, 0, -4}, {kUnlikeItsKind, -1, 0, 4}}),
                 GuardReason::kWorseEstimates});
  all.push_back(
      {"large_nodes_look_slow", estimator_of({{kSize, 1, 1.9F, 4}}), GuardReason::kWorseEstimates});
  all.push_back({"empty_nodes_look_slow", estimator_of({{kOwnFill, -2, 1, 2}}),
                 GuardReason::kWorseEstimates});
  // What tasks take is said rightly where they go, and yet all go to the same nodes.
  all.push_back({"nodes_without_late_tasks_look_slow", estimator_of({{kOwnLongCount, -2, 1, 1}}),
                 GuardReason::kSlowerResponses});
  all.push_back(
      {.name = "thinks_too_long",
       .estimator = estimator_of({{kUnlikeItsKind, 1, 0, -4}, {kUnlikeItsKind, -1, 0, 4}}),
       .reason = GuardReason::kTooSlow,
       .is_slow = true});
  all.push_back({.name = "stale_reports",
                 .estimator = used_to_fresh_reports(),
                 .reason = GuardReason::kOutOfDistribution,
                 .report_interval = 5s});
  return all;
}

class GuardedPlacementScenario : public testing::TestWithParam<Misbehaviour> {};

TEST_P(GuardedPlacementScenario, StaysWithinThreePerCentOfTheRuleAndSaysWhy) {
  const Misbehaviour& network = GetParam();
  const auto of = [&network](bool guarded) {
    return [&, guarded] { return network.policy(guarded); };
  };
  const double rule = play({}, network.report_interval).mean_s();
  const Outcome guarded = play_twice([&] { return play(of(true), network.report_interval); });
  EXPECT_LT(guarded.mean_s(), 1.03 * rule) << "seed " << kSeed;
  EXPECT_GT(guarded.counts[network.reason].placements, guarded.counts.placements / 100)
      << "seed " << kSeed;
  if (!network.does_harm) return;
  const double alone = play(of(false), network.report_interval).mean_s();
  EXPECT_GT(alone, 1.03 * rule) << "or the guard has nothing to prevent; seed " << kSeed;
}

// Such a network never chooses anything, guarded or not.
TEST(GuardedPlacement, IsTheRuleWhereTheNetworkSaysNoNumber) {
  const ServiceEstimator estimator = estimator_of({}, std::nanf(""));
  const Outcome rule = play({}, 100ms);
  const Outcome guarded = play_twice([&] {
    return play([&] { return std::make_unique<LearnedPolicy>(LearnedOptions{}, estimator); },
                100ms);
  });
  EXPECT_EQ(guarded.sum_s, rule.sum_s) << "seed " << kSeed;
  EXPECT_EQ(guarded.counts[GuardReason::kNotFinite].placements +
                guarded.counts[GuardReason::kComparison].placements +
                guarded.counts[GuardReason::kUntold].placements,
            guarded.counts.placements);
}

// Nodes that have told nothing are a guess, beside which all that is told looks better.
TEST(GuardedPlacement, LeavesTheFirstTasksToTheRule) {
  const Misbehaviour network{"always_faster", estimator_of({}, -1), GuardReason::kUntold};
  Outcome first;
  first.from = 0s;
  first.until = 2s;
  const double rule = play({}, 100ms, first).mean_s();
  const Outcome guarded =
      play_twice([&] { return play([&] { return network.policy(true); }, 100ms, first); });
  EXPECT_LT(guarded.mean_s(), 1.03 * rule) << "seed " << kSeed;
  EXPECT_GT(guarded.counts[network.reason].placements, 0U) << "seed " << kSeed;
  EXPECT_GT(play([&] { return network.policy(false); }, 100ms, first).mean_s(), 1.03 * rule)
      << "seed " << kSeed;
}

INSTANTIATE_TEST_SUITE_P(Networks, GuardedPlacementScenario, testing::ValuesIn(misbehaviours()),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace weir
