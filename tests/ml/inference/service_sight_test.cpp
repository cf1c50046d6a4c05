#include "ml/inference/service_sight.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr ClassId kClass{0};
constexpr auto kUnlike = static_cast<std::size_t>(ServiceFeature::kUnlikeItsKind);
constexpr auto kOwnMean = static_cast<std::size_t>(ServiceFeature::kOwnShortMean);

class ServiceSightTest : public testing::Test {
 protected:
  void add(double cores, double speed, double told_s) {
    NodeView node;
    node.rank = RankId(static_cast<std::int32_t>(nodes.size()));
    node.cores = cores;
    node.speed = speed;
    node.mean_service_s[0] = told_s;
    nodes.push_back(node);
  }
  ClusterView cluster() const { return {.nodes = nodes, .now = now}; }
  ServiceFeatures features_of(std::size_t node) {
    sight.look(cluster(), kClass);
    return sight.features_of(nodes[node], cluster());
  }

  std::vector<NodeView> nodes;
  Instant now{10s};
  ServiceSight sight;
};

TEST_F(ServiceSightTest, ComparesANodeWithThoseOfItsKindOnly) {
  add(8, 1, 0.1);
  add(8, 1, 0.2);
  add(8, 2, 0.01);
  add(16, 1, 0.01);
  EXPECT_NEAR(features_of(0)[kUnlike], -std::log(2) / 2, 1e-6);
  EXPECT_NEAR(features_of(1)[kUnlike], std::log(2) / 2, 1e-6);
  EXPECT_NEAR(features_of(2)[kUnlike], 0, 1e-6);
}

TEST_F(ServiceSightTest, LeavesNodesOutThatHaveToldNothingOrTakeNoTasks) {
  add(8, 1, 0.1);
  add(8, 1, 0);
  add(0, 1, 0.9);
  EXPECT_NEAR(features_of(0)[kUnlike], 0, 1e-6);
}

TEST_F(ServiceSightTest, MeasuresOwnTasksByWhatWasToldWhenItLookedLast) {
  add(8, 1, 0.1);
  EXPECT_FLOAT_EQ(features_of(0)[kOwnMean], 0);
  for (int i = 0; i < 50; ++i) sight.on_completion(RankId(0), kClass, 200ms, now);
  EXPECT_NEAR(features_of(0)[kOwnMean], 1, 0.05);
  nodes[0].mean_service_s[0] = 0.2;
  EXPECT_NEAR(features_of(0)[kOwnMean], 1, 0.05) << "what was seen stays seen";
  for (int i = 0; i < 2000; ++i) sight.on_completion(RankId(0), kClass, 200ms, now);
  EXPECT_NEAR(features_of(0)[kOwnMean], 0, 0.05);
}

TEST_F(ServiceSightTest, TakesNoNoticeOfTasksOfAClassThatTheNodeHasNotToldOf) {
  add(8, 1, 0.1);
  features_of(0);
  sight.on_completion(RankId(0), ClassId(1), 5s, now);
  EXPECT_FLOAT_EQ(features_of(0)[kOwnMean], 0);
}

}  // namespace
}  // namespace weir
