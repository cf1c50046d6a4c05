#include "runtime/policy/load_estimate.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

NodeView node_with(int rank, double cores, double speed, std::uint32_t running) {
  NodeView node;
  node.rank = RankId(rank);
  node.cores = cores;
  node.speed = speed;
  node.running = running;
  return node;
}

void report_often(LoadEstimate& estimate, const NodeView& node) {
  for (int i = 0; i < 200; ++i) estimate.on_report(node);
}

TEST(LoadEstimate, IsAUsualLoadBeforeTheFirstReport) {
  EXPECT_EQ(LoadEstimate().load(), LoadEstimate::kUnknownLoad);
}

TEST(LoadEstimate, IsBusyOverAllCapacityWithCoresWeighedBySpeed) {
  LoadEstimate estimate;
  report_often(estimate, node_with(0, 4, 1, 2));
  report_often(estimate, node_with(1, 4, 2, 3));
  EXPECT_NEAR(estimate.load(), (2 * 1 + 3 * 2) / 12.0, 1e-4);
}

TEST(LoadEstimate, CountsWaitingTasksUpToOnePerCoreAndAFullCluster) {
  LoadEstimate estimate;
  NodeView crowded = node_with(0, 4, 1, 4);
  crowded.queued = 3;
  report_often(estimate, crowded);
  report_often(estimate, node_with(1, 12, 1, 0));
  EXPECT_NEAR(estimate.load(), 7 / 16.0, 1e-4);
  crowded.queued = 100;  // counts as much as another four
  report_often(estimate, crowded);
  EXPECT_NEAR(estimate.load(), 8 / 16.0, 1e-4);
  NodeView also_crowded = node_with(1, 12, 1, 12);
  also_crowded.queued = 100;
  report_often(estimate, also_crowded);
  EXPECT_EQ(estimate.load(), 1);
}

TEST(LoadEstimate, SmoothsAndForgetsANodeThatLostItsCapacity) {
  LoadEstimate estimate;
  report_often(estimate, node_with(0, 4, 1, 2));
  report_often(estimate, node_with(1, 4, 1, 2));
  estimate.on_report(node_with(1, 4, 1, 4));
  EXPECT_NEAR(estimate.load(), (2 + 2 + 2 / 16.0) / 8, 1e-4);
  estimate.on_report(node_with(1, 0, 1, 0));
  EXPECT_NEAR(estimate.load(), .5, 1e-4);
}

}  // namespace
}  // namespace weir
