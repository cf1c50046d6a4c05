#include "runtime/policy/views.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(Views, EstimateAddsOwnPlacementsSinceTheReportOncePerDispatcher) {
  EXPECT_EQ(estimated_tasks({.queued = 2, .running = 3}, 4), 5);
  EXPECT_EQ(
      estimated_tasks({.queued = 2, .running = 3, .own_in_flight = 3, .own_since_report = 2}, 4),
      5 + 4 * 2);
}

TEST(Views, EstimateIsNeverBelowWhatThisHomeHasThere) {
  EXPECT_EQ(estimated_tasks({.queued = 0, .running = 1, .own_in_flight = 6}, 2), 6);
}

TEST(Views, EstimateOfTheOnlyDispatcherIsItsOwnCount) {
  EXPECT_EQ(
      estimated_tasks({.queued = 7, .running = 3, .own_in_flight = 6, .own_since_report = 2}, 1),
      6);
}

TEST(Views, EstimateLeavesOutOwnPlacementsThatHaveEnded) {
  EXPECT_EQ(estimated_tasks({.running = 1, .own_in_flight = 1, .own_since_report = 9}, 2), 3);
}

TEST(Views, ExpectedServiceIsTheMeasuredOneWhereThereIsOne) {
  const ClusterInput cluster = cluster_of({{.speed = 2, .mean_service_s = {0.3}}, {.speed = 1}});
  EXPECT_DOUBLE_EQ(expected_service_s(cluster.view(), cluster.nodes[0], ClassId(0)), 0.3);
}

TEST(Views, ExpectedServiceOfAnUntriedNodeIsHalfOfTheClassMeanCorrectedForSpeed) {
  const ClusterInput cluster = cluster_of(
      {{.speed = 2, .mean_service_s = {0.3}}, {.speed = 1, .mean_service_s = {0.2}}, {.speed = 4}});
  // Work at speed 1: (0.3 x 2 + 0.2 x 1) / 2 = 0.4.
  EXPECT_DOUBLE_EQ(mean_work_s(cluster.view(), ClassId(0)), 0.4);
  EXPECT_DOUBLE_EQ(expected_service_s(cluster.view(), cluster.nodes[2], ClassId(0)), 0.05);
  EXPECT_DOUBLE_EQ(expected_service_s(cluster.nodes[2], ClassId(0), 0.4), 0.05);
}

TEST(Views, ExpectedServiceOfAClassNobodyMeasuredComparesSpeeds) {
  const ClusterInput cluster = cluster_of({{.speed = 4, .mean_service_s = {0.3}}});
  EXPECT_DOUBLE_EQ(expected_service_s(cluster.view(), cluster.nodes[0], ClassId(1)), 0.125);
}

TEST(Views, MeasuredSpeedComparesTheTimeOfAllMeasuredClassesWithTheirWork) {
  // Node 1 is nominally as fast as node 0 and takes twice as long for both classes.
  const ClusterInput cluster =
      cluster_of({{.mean_service_s = {0.1, 0.3}}, {.mean_service_s = {0.2, 0.6}}, {.speed = 3}});
  const ClassWork work = mean_work_of_classes(cluster.view());
  EXPECT_DOUBLE_EQ(work[0], 0.15);
  EXPECT_DOUBLE_EQ(work[1], 0.45);
  EXPECT_DOUBLE_EQ(measured_speed(cluster.nodes[0], work), 0.6 / 0.4);
  EXPECT_DOUBLE_EQ(measured_speed(cluster.nodes[1], work), 0.6 / 0.8);
  EXPECT_DOUBLE_EQ(measured_speed(cluster.nodes[2], work), 3);
}

}  // namespace
}  // namespace weir
