#include "runtime/sim/node_plan.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;
using Kind = NodeChange::Kind;

TEST(NodePlan, HasNothingToDoWhereNothingHappens) {
  EXPECT_EQ(NodePlan({}, {}).next_at(), kEndOfTime);
}

TEST(NodePlan, GivesChangesInOrderOfTime) {
  FaultOptions faults;
  faults.stops = {{RankId(3), SimTime(20s), SimTime(22s)}};
  faults.deaths = {{RankId(1), SimTime(21s)}};
  ParkingOptions parking;
  parking.parked = {{RankId(5), SimTime(1s), SimTime(18s)}, {RankId(6), SimTime(2s)}};
  NodePlan plan(faults, parking);
  const auto expect = [&plan](SimTime at, int rank, Kind kind) {
    EXPECT_EQ(plan.next_at(), at);
    const NodeChange change = plan.take();
    EXPECT_EQ(change.at, at);
    EXPECT_EQ(change.rank, RankId(rank));
    EXPECT_EQ(change.kind, kind);
  };
  expect(SimTime(1s), 5, Kind::kPark);
  expect(SimTime(2s), 6, Kind::kPark);
  expect(SimTime(18s), 5, Kind::kCallBack);
  expect(SimTime(20s), 3, Kind::kStop);
  expect(SimTime(21s), 1, Kind::kDie);
  expect(SimTime(22s), 3, Kind::kContinue);
  expect(SimTime(23s), 5, Kind::kReady);
  EXPECT_EQ(plan.next_at(), kEndOfTime);
}

TEST(NodePlan, EndsAPeriodBeforeTheNextBegins) {
  FaultOptions faults;
  faults.stops = {{RankId(0), SimTime(2s), SimTime(3s)}, {RankId(0), SimTime(1s), SimTime(2s)}};
  NodePlan plan(faults, {});
  for (const Kind kind : {Kind::kStop, Kind::kContinue, Kind::kStop, Kind::kContinue}) {
    EXPECT_EQ(plan.take().kind, kind);
  }
}

TEST(NodePlan, CallsBackBeforeItIsReadyWithoutWarmUp) {
  ParkingOptions parking{.parked = {{RankId(0), SimTime(1s), SimTime(2s)}}, .warm_up = 0s};
  NodePlan plan({}, parking);
  for (const Kind kind : {Kind::kPark, Kind::kCallBack, Kind::kReady}) {
    EXPECT_EQ(plan.take().kind, kind);
  }
}

}  // namespace
}  // namespace weir
