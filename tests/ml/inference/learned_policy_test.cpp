#include "ml/inference/learned_policy.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "ml/inference/estimator_messages.hpp"
#include "runtime/base/random.hpp"
#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kClass = 1;

// Corrects by so much for each unit of the feature.
ServiceEstimator estimator_with(ServiceFeature feature, float weight) {
  ServiceEstimator estimator;
  const auto parameters = estimator.network().parameters();
  const std::size_t out = kServiceFeatures * ServiceEstimator::kHidden + ServiceEstimator::kHidden;
  // One hidden unit for what is above zero, one for what is below.
  parameters[static_cast<std::size_t>(feature)] = 1;
  parameters[kServiceFeatures + static_cast<std::size_t>(feature)] = -1;
  parameters[out] = weight;
  parameters[out + 1] = -weight;
  return estimator;
}

ClusterInput drawn_cluster(Random& random, std::size_t nodes) {
  ClusterInput cluster = equal_nodes(nodes, 24);
  cluster.dispatcher_count = 8;
  for (NodeView& node : cluster.nodes) {
    if (random.uniform() < 0.9) node.mean_service_s[kClass] = 0.05 + 0.1 * random.uniform();
    node.running = static_cast<std::uint32_t>(random.below(30));
    node.own_in_flight = static_cast<std::uint32_t>(random.below(5));
    node.own_of_class[kClass] = node.own_in_flight;
    node.classes[kClass].limit = static_cast<std::uint32_t>(random.below(2) * 8);
  }
  return cluster;
}

RankId place(LearnedPolicy& policy, const ClusterInput& cluster) {
  return policy.place(task_of_class(kClass), cluster.view());
}

TEST(LearnedPolicy, DoesAsTheRuleBeforeItHasLearned) {
  LearnedPolicy learned({}, ServiceEstimator::untrained(1));
  PricedShortestExpectedDelayPolicy rule({.price = 0});
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    const ClusterInput cluster = drawn_cluster(random, 40);
    EXPECT_EQ(place(learned, cluster), rule.place(task_of_class(kClass), cluster.view()));
  }
  EXPECT_EQ(learned.decision_counts()->placements, 200U);
  EXPECT_EQ(learned.decision_counts()->differing, 0U);
}

TEST(LearnedPolicy, TakesNodesForAsFastAsTheirKindWhereItHasLearnedTo) {
  ClusterInput cluster = equal_nodes(3, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.12;
  cluster.nodes[1].mean_service_s[kClass] = 0.10;
  cluster.nodes[2].mean_service_s[kClass] = 0.11;
  LearnedPolicy rule({}, {});
  EXPECT_EQ(place(rule, cluster), RankId(1));
  LearnedPolicy learned({}, estimator_with(ServiceFeature::kUnlikeItsKind, -1.01F));
  EXPECT_EQ(place(learned, cluster), RankId(0)) << "all alike, and a little more than that";
  EXPECT_EQ(learned.decision_counts()->differing, 1U);
}

TEST(LearnedPolicy, AvoidsANodeWhereItsOwnTasksTookLonger) {
  ClusterInput cluster = equal_nodes(2, 16);
  for (NodeView& node : cluster.nodes) node.mean_service_s[kClass] = 0.1;
  LearnedPolicy learned({}, estimator_with(ServiceFeature::kOwnShortMean, 1));
  EXPECT_EQ(place(learned, cluster), RankId(0));
  for (int i = 0; i < 5; ++i)
    learned.on_completion(TaskId(), RankId(0), ClassId(kClass), 200ms, 200ms);
  EXPECT_EQ(place(learned, cluster), RankId(1));
}

TEST(LearnedPolicy, DoesAsTheRuleWhereACorrectionIsNotANumber) {
  Random random(2);
  const ClusterInput cluster = drawn_cluster(random, 30);
  PricedShortestExpectedDelayPolicy rule({.price = 0});
  ServiceEstimator broken;
  broken.network().parameters().back() = std::nanf("");
  LearnedPolicy learned({}, broken);
  EXPECT_EQ(place(learned, cluster), rule.place(task_of_class(kClass), cluster.view()));
  EXPECT_EQ((*learned.decision_counts())[GuardReason::kNotFinite].placements, 1U);
}

TEST(LearnedPolicy, LeavesToTheRuleNodesThatAreLikeNoneInTraining) {
  ClusterInput cluster = equal_nodes(2, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.100;
  cluster.nodes[1].mean_service_s[kClass] = 0.101;
  // What is stale looks slow.
  ServiceEstimator estimator = estimator_with(ServiceFeature::kReportAge, 1);
  cluster.nodes[0].report_age = 100ms;
  LearnedPolicy anything({}, estimator);
  EXPECT_EQ(place(anything, cluster), RankId(1));
  EXPECT_EQ(anything.decision_counts()->differing, 1U);

  ServiceFeatures fresh{};
  fresh[static_cast<std::size_t>(ServiceFeature::kSize)] = std::log(16.0F / 32);
  estimator.set_seen(SeenFeatures(fresh));
  LearnedPolicy careful({}, estimator);
  EXPECT_EQ(place(careful, cluster), RankId(0));
  EXPECT_EQ((*careful.decision_counts())[GuardReason::kOutOfDistribution].placements, 1U);
}

// Else it would draw every home beside others that are said to be slower than they tell.
TEST(LearnedPolicy, CorrectsNodesLikeNoneInTrainingAsTheOthersInTheMean) {
  ClusterInput cluster = equal_nodes(3, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.100;
  cluster.nodes[1].mean_service_s[kClass] = 0.101;
  cluster.nodes[2].mean_service_s[kClass] = 0.102;
  // Nodes of this size take twice as long as they tell, said of all but the stale one.
  ServiceEstimator estimator = estimator_with(ServiceFeature::kSize, -1);
  ServiceFeatures fresh{};
  fresh[static_cast<std::size_t>(ServiceFeature::kSize)] = std::log(16.0F / 32);
  estimator.set_seen(SeenFeatures(fresh));
  cluster.nodes[2].report_age = 100ms;
  LearnedPolicy learned({}, estimator);
  EXPECT_EQ(place(learned, cluster), RankId(0));
  EXPECT_EQ(learned.decision_counts()->differing, 0U);
}

TEST(LearnedPolicy, DoesAsTheRuleUntilAllCandidatesHaveTold) {
  ClusterInput cluster = equal_nodes(3, 16);
  cluster.nodes[0].mean_service_s[kClass] = cluster.nodes[1].mean_service_s[kClass] = 0.1;
  // The rule guesses that it is faster, and sees that more wait there than that is worth.
  cluster.nodes[2].own_in_flight = 9;
  LearnedPolicy rule({}, {});
  ASSERT_EQ(place(rule, cluster), RankId(0));
  // Nodes of this size take twice as long as they tell.
  LearnedPolicy learned({}, estimator_with(ServiceFeature::kSize, -1));
  EXPECT_EQ(place(learned, cluster), RankId(0));
  EXPECT_EQ((*learned.decision_counts())[GuardReason::kUntold].placements, 1U);
  cluster.nodes[2].mean_service_s[kClass] = 0.05;
  place(learned, cluster);
  EXPECT_EQ((*learned.decision_counts())[GuardReason::kUntold].placements, 1U);
}

TEST(LearnedPolicy, DoesAsTheRuleWhereTheNetworkThinksForTooLong) {
  ClusterInput cluster = equal_nodes(3, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.12;
  cluster.nodes[1].mean_service_s[kClass] = 0.10;
  cluster.nodes[2].mean_service_s[kClass] = 0.11;
  LearnedPolicy learned({.clock = [now = Instant{}]() mutable { return now += 1ms; }},
                        estimator_with(ServiceFeature::kUnlikeItsKind, -1.01F));
  EXPECT_EQ(place(learned, cluster), RankId(0));
  for (int i = 0; i < 20; ++i) place(learned, cluster);
  EXPECT_EQ(place(learned, cluster), RankId(1));
  const DecisionCounts counts = *learned.decision_counts();
  EXPECT_EQ(counts[GuardReason::kTooSlow].placements, counts.placements - counts.differing);
  EXPECT_EQ(counts[GuardReason::kTooSlow].times, 1U);
}

TEST(LearnedPolicy, DoesAsTheRuleOnceTasksHaveShownThatCorrectionsAreWrong) {
  ClusterInput cluster = equal_nodes(2, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.11;
  cluster.nodes[1].mean_service_s[kClass] = 0.10;
  // What told less than its kind looks slow.
  LearnedPolicy learned({}, estimator_with(ServiceFeature::kUnlikeItsKind, -20));
  EXPECT_EQ(place(learned, cluster), RankId(0));
  Random random(4);
  for (std::uint64_t i = 0; i < 500; ++i) {
    TaskView task = task_with_index(i);
    task.task_class = ClassId(kClass);
    const RankId node = learned.place(task, cluster.view());
    const auto position = static_cast<std::size_t>(node.value());
    const Duration service =
        from_seconds(random.exponential(cluster.nodes[position].mean_service_s[kClass]));
    learned.on_completion(task.id, node, task.task_class, service, service);
  }
  EXPECT_EQ(place(learned, cluster), RankId(1));
  EXPECT_GT((*learned.decision_counts())[GuardReason::kWorseEstimates].placements, 200U);
}

TEST(LearnedPolicy, DecidesAlwaysWithoutAGuard) {
  ClusterInput cluster = equal_nodes(3, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.12;
  cluster.nodes[1].mean_service_s[kClass] = 0.10;
  cluster.nodes[2].mean_service_s[kClass] = 0.11;
  LearnedPolicy learned({.guarded = false}, estimator_with(ServiceFeature::kUnlikeItsKind, -1.01F));
  for (Instant now{}; now < Instant(100s); now += 100ms) {
    ClusterView view = cluster.view();
    view.now = now;
    EXPECT_EQ(learned.place(task_of_class(kClass), view), RankId(0));
  }
  EXPECT_EQ(learned.decision_counts()->differing, learned.decision_counts()->placements);
}

TEST(LearnedPolicy, TellsWhatItsLastPlacementWentBy) {
  ClusterInput cluster = equal_nodes(1, 16);
  LearnedPolicy learned({}, {});
  place(learned, cluster);
  EXPECT_EQ(learned.last_sample().told_s, 0) << "the node has told nothing";
  cluster.nodes[0].mean_service_s[kClass] = 0.25;
  cluster.nodes[0].running = 8;
  place(learned, cluster);
  EXPECT_EQ(learned.last_sample().told_s, 0.25);
  EXPECT_FLOAT_EQ(
      learned.last_sample().features[static_cast<std::size_t>(ServiceFeature::kReportedFill)],
      0.5F);
}

// Places that many tasks, which all take as long as told, and ends them.
void run_tasks(LearnedPolicy& policy, const ClusterInput& cluster, std::uint64_t first,
               std::uint64_t count) {
  for (std::uint64_t i = first; i < first + count; ++i) {
    TaskView task = task_with_index(i);
    task.task_class = ClassId(kClass);
    const RankId node = policy.place(task, cluster.view());
    // Each its own length, to be known again.
    policy.on_completion(task.id, node, task.task_class, 1s,
                         from_seconds(0.1 * static_cast<double>(i + 1)));
  }
}

ClusterInput told_nodes(std::size_t count) {
  ClusterInput cluster = equal_nodes(count, 16);
  for (NodeView& node : cluster.nodes) node.mean_service_s[kClass] = 0.1;
  return cluster;
}

TEST(LearnedPolicy, KeepsNoSamplesUnlessItIsToLearn) {
  LearnedPolicy policy({}, {});
  run_tasks(policy, told_nodes(2), 0, 10);
  EXPECT_FALSE(policy.take_samples());
}

TEST(LearnedPolicy, KeepsAnEvenSampleOfItsTasks) {
  LearnedPolicy policy({.most_samples = 50, .seed = 3}, {});
  run_tasks(policy, told_nodes(2), 0, 1000);
  const auto message = policy.take_samples();
  ASSERT_TRUE(message);
  const auto samples = samples_of(*message);
  ASSERT_TRUE(samples);
  ASSERT_EQ(samples->size(), 50U);
  double mean = 0;
  for (const ServiceSample& sample : *samples) mean += sample.ratio / 50;
  EXPECT_NEAR(mean, 500, 4 * 1000 / std::sqrt(12 * 50));
  EXPECT_FALSE(policy.take_samples()) << "they are told once";
  run_tasks(policy, told_nodes(2), 1000, 3);
  EXPECT_EQ(samples_of(*policy.take_samples())->size(), 3U);
}

TEST(LearnedPolicy, KeepsNoSampleOfATaskThatWasMovedOrOfWhichNothingWasTold) {
  LearnedPolicy policy({.most_samples = 50}, {});
  const TaskView task = task_of_class(kClass);
  const RankId node = policy.place(task, told_nodes(2).view());
  policy.on_completion(task.id, RankId(1 - node.value()), task.task_class, 1s, 1s);
  const RankId untold = policy.place(task, equal_nodes(2, 16).view());
  policy.on_completion(task.id, untold, task.task_class, 1s, 1s);
  EXPECT_FALSE(policy.take_samples());
}

TEST(LearnedPolicy, GoesByNewWeightsFromTheNextPlacementOn) {
  ClusterInput cluster = equal_nodes(3, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.12;
  cluster.nodes[1].mean_service_s[kClass] = 0.10;
  cluster.nodes[2].mean_service_s[kClass] = 0.11;
  LearnedPolicy policy({.most_samples = 10}, {});
  EXPECT_EQ(place(policy, cluster), RankId(1));
  const auto weights = estimator_with(ServiceFeature::kUnlikeItsKind, -1.01F);
  policy.on_weights(message_of(weights, 2, 100));
  EXPECT_EQ(place(policy, cluster), RankId(0));

  EstimatorWeights damaged = message_of(ServiceEstimator(), 3, 100);
  damaged.parameters[0] = std::nanf("");
  policy.on_weights(damaged);
  EXPECT_EQ(place(policy, cluster), RankId(0)) << "weights that are damaged change nothing";
  policy.on_weights(message_of(ServiceEstimator(), 2, 100));
  policy.on_weights(message_of(ServiceEstimator(), 1, 100));
  EXPECT_EQ(place(policy, cluster), RankId(0)) << "nor do those that are not newer";
  run_tasks(policy, cluster, 0, 1);
  EXPECT_EQ(policy.take_samples()->version, 2U);
}

TEST(LearnedPolicy, HoldsNothingAgainstNewWeightsThatOthersHaveDone) {
  ClusterInput cluster = equal_nodes(2, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.11;
  cluster.nodes[1].mean_service_s[kClass] = 0.10;
  LearnedPolicy policy({.most_samples = 10}, estimator_with(ServiceFeature::kUnlikeItsKind, -20));
  Random random(4);
  const auto run = [&](std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = first; i < first + count; ++i) {
      TaskView task = task_with_index(i);
      task.task_class = ClassId(kClass);
      const RankId node = policy.place(task, cluster.view());
      const double told_s =
          cluster.nodes[static_cast<std::size_t>(node.value())].mean_service_s[kClass];
      const Duration service = from_seconds(random.exponential(told_s));
      policy.on_completion(task.id, node, task.task_class, service, service);
    }
  };
  const auto left = [&] {
    return (*policy.decision_counts())[GuardReason::kWorseEstimates].placements;
  };
  run(0, 500);
  EXPECT_EQ(place(policy, cluster), RankId(1)) << "its estimates are bad";
  EXPECT_GT(left(), 200U);
  policy.on_weights(message_of(ServiceEstimator(), 1, 100));
  const std::uint64_t before = left();
  run(500, 300);
  EXPECT_EQ(left(), before) << "the new ones say what nodes tell";
}

TEST(LearnedPolicy, NeverTakesANodeWithoutCapacity) {
  ClusterInput cluster = equal_nodes(3, 16);
  cluster.nodes[0].cores = 0;
  LearnedPolicy learned({}, ServiceEstimator::untrained(1));
  EXPECT_EQ(place(learned, cluster), RankId(1));
}

TEST(LearnedPolicyDeathTest, RefusesAClusterWithoutCapacity) {
  ClusterInput cluster = equal_nodes(1, 0);
  LearnedPolicy learned({}, {});
  EXPECT_DEATH(place(learned, cluster), "no node with capacity");
}

Directive with_log_prices(std::vector<float> of_class) {
  Directive directive;
  directive.log_prices.resize(kClass + 1);
  directive.log_prices[kClass] = std::move(of_class);
  return directive;
}

TEST(LearnedPolicy, TakesANodeForAsSlowAsACoordinatorsNetworkPricesIt) {
  ClusterInput cluster = equal_nodes(2, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.100;
  cluster.nodes[1].mean_service_s[kClass] = 0.105;
  LearnedPolicy learned({.guarded = false}, {});
  EXPECT_EQ(place(learned, cluster), RankId(0));
  learned.on_directive(with_log_prices({0.1F, 0}));
  EXPECT_EQ(place(learned, cluster), RankId(1));
  learned.on_directive(with_log_prices({0, 0}));
  EXPECT_EQ(place(learned, cluster), RankId(0));
  EXPECT_EQ(learned.decision_counts()->directives, 2U);
  EXPECT_EQ(learned.decision_counts()->pricing_directives, 1U);
  EXPECT_EQ(learned.decision_counts()->differing, 1U);
}

TEST(LearnedPolicy, ForgetsLogPricesWithTheDirectiveThatHadThem) {
  ClusterInput cluster = equal_nodes(2, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.100;
  cluster.nodes[1].mean_service_s[kClass] = 0.105;
  LearnedPolicy learned({.guarded = false}, {});
  learned.on_directive(with_log_prices({0.1F, 0}));
  learned.on_directive_expired();
  EXPECT_EQ(place(learned, cluster), RankId(0));
}

TEST(LearnedPolicy, BelievesLogPricesWithinTheirBoundOnly) {
  ClusterInput cluster = equal_nodes(2, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.1;
  cluster.nodes[1].mean_service_s[kClass] = 0.2;
  LearnedPolicy learned({.guarded = false}, {});
  learned.on_directive(with_log_prices({100, std::nanf("")}));
  EXPECT_EQ(place(learned, cluster), RankId(0)) << "e^0.5 is less than 2";
}

TEST(LearnedPolicy, LetsTheRuleHaveItsTurnWithoutLogPrices) {
  ClusterInput cluster = equal_nodes(2, 16);
  cluster.nodes[0].mean_service_s[kClass] = 0.100;
  cluster.nodes[1].mean_service_s[kClass] = 0.105;
  LearnedPolicy learned({}, {});
  learned.on_directive(with_log_prices({0.3F, 0}));
  bool has_compared = false;
  ClusterView view = cluster.view();
  for (int i = 0; i < 400; ++i) {
    view.now += 100ms;
    const auto before = (*learned.decision_counts())[GuardReason::kComparison].placements;
    const RankId node = learned.place(task_of_class(kClass), view);
    const bool is_turn_of_rule =
        (*learned.decision_counts())[GuardReason::kComparison].placements > before;
    EXPECT_EQ(node, is_turn_of_rule ? RankId(0) : RankId(1));
    has_compared = has_compared || is_turn_of_rule;
  }
  EXPECT_TRUE(has_compared);
}

}  // namespace
}  // namespace weir
