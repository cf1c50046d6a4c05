#include "runtime/control/learning_desk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "ml/inference/estimator_messages.hpp"
#include "tests/support/service_worlds.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

double slow(const ServiceFeatures&) { return std::exp(0.3); }

CoordinatorRole role_of(int level, std::vector<int> children, RankId parent = kNoRank) {
  CoordinatorRole role;
  role.rank = RankId(children.front());
  role.level = level;
  role.parent = parent;
  for (const int child : children) role.children.emplace_back(child);
  return role;
}

double as_told(const ServiceFeatures&) { return 1; }

class Noted final : public LearningObserver {
 public:
  void on_learned(const LearningEvent& event, Instant) override { events.push_back(event); }
  std::vector<LearningEvent> events;
};

// The desk of a cluster of two homes, whose tasks take longer than told, and whose trainer knows.
class ClusterDesk {
 public:
  explicit ClusterDesk(OnlineLearning mode, RankId parent = kNoRank)
      : desk(role_of(1, {4, 5}, parent), mode, {&given_, &trainer_, &noted}) {}

  // One second in which a home tells of 200 tasks; the versions are those that homes say they have.
  void pass_second(std::uint32_t version_of_first, std::uint32_t version_of_second) {
    const std::uint32_t versions[] = {version_of_first, version_of_second};
    ++sequence;
    for (std::size_t home = 0; home < 2; ++home) {
      desk.on(ServiceSamples{sequence, versions[home],
                             rows_of(drawn_service_samples(200, random_, mean))},
              home, now, out);
    }
    now += 1s;
    if (now >= desk.next_due()) desk.tell(now, out);
  }
  void run_until_promoted() {
    while (desk.learner()->version() == 0) {
      out.clear();
      pass_second(0, 0);
    }
  }

  Noted noted;
  LearningDesk::Out out;
  std::uint32_t sequence = 0;
  Instant now{};
  double (*mean)(const ServiceFeatures&) = slow;

 private:
  ServiceEstimator given_;
  ScriptedTrainer trainer_{{constant_estimator(0.3F)}};
  Random random_{1};

 public:
  LearningDesk desk;  // last: it uses what is above
};

TEST(LearningDesk, TellsAllHomesThatSpeakOfNewWeights) {
  ClusterDesk cluster(OnlineLearning::kByCluster, RankId(0));
  cluster.run_until_promoted();
  ASSERT_EQ(cluster.out.size(), 2U);
  for (int home = 0; home < 2; ++home) {
    const Outgoing& told = cluster.out[static_cast<std::size_t>(home)];
    EXPECT_EQ(told.to, RankId(4 + home));
    EXPECT_EQ(told.level, 0);
    const auto& weights = std::get<EstimatorWeights>(told.message);
    EXPECT_EQ(weights.version, 1U);
    EXPECT_EQ(weights.parameters.back(), 0.3F);
  }
  ASSERT_EQ(cluster.noted.events.size(), 2U);
  EXPECT_EQ(cluster.noted.events[1].step, LearningStep::kPromoted);
  EXPECT_EQ(cluster.noted.events[1].cluster, RankId(4));
}

TEST(LearningDesk, TellsAHomeAgainThatHasNotHeard) {
  ClusterDesk cluster(OnlineLearning::kByCluster);
  cluster.run_until_promoted();
  cluster.out.clear();
  cluster.pass_second(1, 0);
  ASSERT_EQ(cluster.out.size(), 1U);
  EXPECT_EQ(cluster.out[0].to, RankId(5));
  EXPECT_EQ(std::get<EstimatorWeights>(cluster.out[0].message).version, 1U);
}

TEST(LearningDesk, CountsSamplesOnceAndNoneThatAreDamaged) {
  ClusterDesk cluster(OnlineLearning::kByCluster);
  cluster.pass_second(0, 0);
  EXPECT_EQ(cluster.desk.learner()->counts().tasks, 400U);
  Random random(2);
  ServiceSamples again{cluster.sequence, 0, rows_of(drawn_service_samples(10, random, slow))};
  cluster.desk.on(again, 0, cluster.now, cluster.out);
  EXPECT_EQ(cluster.desk.learner()->counts().tasks, 400U) << "they have come before";
  ServiceSamples damaged{cluster.sequence + 1, 0, again.rows};
  damaged.rows[0] = std::numeric_limits<float>::infinity();
  cluster.desk.on(damaged, 0, cluster.now, cluster.out);
  EXPECT_EQ(cluster.desk.learner()->counts().tasks, 400U);
}

TEST(LearningDesk, SaysUpwardWhatItHasLearnedOnlyWhereClustersShare) {
  ClusterDesk alone(OnlineLearning::kByCluster, RankId(0));
  alone.run_until_promoted();
  EXPECT_EQ(alone.out.size(), 2U) << "the homes";
  ClusterDesk sharing(OnlineLearning::kFederated, RankId(0));
  sharing.run_until_promoted();
  ASSERT_EQ(sharing.out.size(), 3U);
  EXPECT_EQ(sharing.out[2].to, RankId(0));
  EXPECT_EQ(sharing.out[2].level, 2);
  const auto& report = std::get<WeightsReport>(sharing.out[2].message);
  EXPECT_EQ(report.weights.parameters.back(), 0.3F);
  EXPECT_GE(report.weights.sample_count, OnlineLearner::kFewestNew);
}

TEST(LearningDesk, TakesBackAboveWhatItHasRolledBack) {
  ClusterDesk cluster(OnlineLearning::kFederated, RankId(0));
  cluster.run_until_promoted();
  cluster.mean = as_told;
  while (cluster.desk.learner()->version() == 1) {
    cluster.out.clear();
    cluster.pass_second(1, 1);
  }
  EXPECT_TRUE(std::ranges::any_of(cluster.noted.events, [](const LearningEvent& event) {
    return event.step == LearningStep::kRolledBack;
  }));
  ASSERT_EQ(cluster.out.size(), 3U);
  EXPECT_EQ(cluster.out[2].to, RankId(0));
  EXPECT_EQ(std::get<WeightsReport>(cluster.out[2].message).weights.sample_count, 0U);
}

WeightsReport report_of(float correction, std::uint64_t tasks) {
  return {message_of(constant_estimator(correction), 1, tasks)};
}

TEST(LearningDesk, SendsTheMeanOfAllClustersDownFromTheRoot) {
  LearningDesk root(role_of(2, {0, 4}), OnlineLearning::kFederated, {});
  EXPECT_EQ(root.learner(), nullptr);
  root.on(report_of(0.3F, 3'000), 0, Instant(1s));
  root.on(report_of(-0.1F, 1'000), 1, Instant(2s));
  EXPECT_EQ(root.next_due(), Instant(1s) + LearningDesk::kGather);
  LearningDesk::Out out;
  root.tell(root.next_due(), out);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[1].to, RankId(4));
  EXPECT_EQ(out[1].level, 1);
  const auto& average = std::get<AverageWeights>(out[1].message).weights;
  EXPECT_NEAR(average.parameters.back(), 0.2, 1e-6);
  EXPECT_EQ(average.sample_count, 4'000U);
  EXPECT_EQ(root.next_due(), kNever);
}

TEST(LearningDesk, PassesTheMeanOfItsPartUpBetweenClustersAndRoot) {
  LearningDesk middle(role_of(2, {0, 4}, RankId(9)), OnlineLearning::kFederated, {});
  LearningDesk::Out out;
  middle.on(report_of(0.3F, 3'000), 0, Instant(1s));
  middle.tell(Instant(3s), out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].to, RankId(9));
  EXPECT_EQ(out[0].level, 3);
  EXPECT_NEAR(std::get<WeightsReport>(out[0].message).weights.parameters.back(), 0.3, 1e-6);
  out.clear();
  middle.on(AverageWeights{report_of(0.5F, 10).weights}, out);
  EXPECT_EQ(out.size(), 2U);
}

TEST(LearningDesk, PassesUpThatNothingIsLeftOfItsPart) {
  LearningDesk middle(role_of(2, {0, 4}, RankId(9)), OnlineLearning::kFederated, {});
  LearningDesk::Out out;
  middle.on(report_of(0.3F, 3'000), 1, Instant(1s));
  middle.tell(Instant(3s), out);
  out.clear();
  middle.on(report_of(0.0F, 0), 1, Instant(4s));
  middle.tell(Instant(6s), out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].to, RankId(9));
  EXPECT_EQ(std::get<WeightsReport>(out[0].message).weights.sample_count, 0U);
}

TEST(LearningDesk, LeavesOutWeightsThatAreDamagedOrFittedToNothing) {
  WeightsReport damaged = report_of(0.9F, 1'000'000);
  damaged.weights.parameters[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(average_of({damaged.weights, report_of(0.9F, 0).weights, EstimatorWeights{}}));
  const auto average = average_of({damaged.weights, report_of(0.2F, 5).weights});
  ASSERT_TRUE(average);
  EXPECT_NEAR(average->parameters.back(), 0.2, 1e-6);
}

TEST(LearningDesk, KnowsOfAllThatAnyClusterHasSeen) {
  ServiceEstimator one;
  ServiceEstimator other;
  one.set_seen(SeenFeatures(ServiceFeatures{0.5F}));
  other.set_seen(SeenFeatures(ServiceFeatures{-0.5F}));
  const auto average = average_of({message_of(one, 1, 10), message_of(other, 1, 10)});
  EXPECT_EQ(average->least[0], -0.5F);
  EXPECT_EQ(average->most[0], 0.5F);
}

}  // namespace
}  // namespace weir
