#include "runtime/control/migration_planner.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr ClassId kFirst{0};
constexpr Instant kNow{10s};

ClassLoad load(std::uint32_t queued, std::uint32_t running, double mean_service_s,
               std::uint32_t limit = 0) {
  return {.queued = queued,
          .running = running,
          .arrived = 0,
          .completed = 0,
          .mean_service_s = mean_service_s,
          .limit = limit};
}

NodeReport node(std::uint32_t workers, std::vector<ClassLoad> classes) {
  NodeReport report;
  report.sequence = 1;
  report.made = kNow;
  report.worker_count = workers;
  report.classes = std::move(classes);
  return report;
}

TransferCost cost_of(Duration took, int times = 3) {
  TransferCost cost;
  for (int i = 0; i < times; ++i) cost.add(10, 1000, took);
  return cost;
}

MigrationPlan planned(const std::vector<NodeReport>& children,
                      const TransferCost& cost = cost_of(1ms), Duration age = 1ms,
                      Duration near_future = 1h) {
  return plan_moves({.children = children,
                     .now = kNow,
                     .least_age = age,
                     .oldest = 1s,
                     .near_future = near_future,
                     .cost = &cost,
                     .may_move = [](std::size_t, std::size_t, ClassId) { return true; },
                     .most_moves = 100,
                     .most_tasks = 100'000});
}

TEST(MigrationPlanner, SharesWhatOneHasTooMuchOfAmongThoseWithRoom) {
  const std::vector<NodeReport> children{node(1, {load(399, 1, .01)}), node(1, {load(0, 0, .01)}),
                                         node(1, {load(0, 0, .01)}), node(1, {load(0, 0, .01)})};
  const MigrationPlan plan = planned(children);
  ASSERT_EQ(plan.moves.size(), 3u);
  for (const PlannedMove& move : plan.moves) {
    EXPECT_EQ(move.from, 0u);
    EXPECT_NEAR(move.count, 100, 1);
  }
  for (const Backlog& after : plan.after) EXPECT_NEAR(after.wait_s(kFirst), .99, .02);
}

TEST(MigrationPlanner, GivesASlowNodeAsMuchLess) {
  const std::vector<NodeReport> children{node(1, {load(300, 1, .01)}), node(1, {load(0, 0, .02)})};
  const MigrationPlan plan = planned(children);
  ASSERT_EQ(plan.moves.size(), 1u);
  // At level 1.5 s, which counts the work as it is at the giver.
  EXPECT_NEAR(plan.moves[0].count, 75, 3);
  EXPECT_LE(plan.moves[0].wait_to_after_s, plan.moves[0].wait_from_after_s);
}

TEST(MigrationPlanner, GivesNobodyMoreThanItCanStartInTheNearFuture) {
  const MigrationPlan plan =
      planned({node(1, {load(399, 1, .01)}), node(1, {load(0, 0, .01)})}, cost_of(1ms), 1ms, 200ms);
  ASSERT_EQ(plan.moves.size(), 1u);
  EXPECT_NEAR(plan.moves[0].count, 21, 1);
}

TEST(MigrationPlanner, MovesNothingWhereNothingOrEverythingWaitsAlike) {
  EXPECT_TRUE(planned({node(2, {load(0, 2, .01)}), node(2, {load(0, 0, .01)})}).moves.empty());
  EXPECT_TRUE(planned({node(1, {load(50, 1, .01)}), node(1, {load(50, 1, .01)})}).moves.empty());
  EXPECT_TRUE(planned({node(4, {load(200, 4, .01)}), node(1, {load(50, 1, .01)})}).moves.empty());
}

TEST(MigrationPlanner, MovesNothingThatItsTransferWouldCostMoreThan) {
  const std::vector<NodeReport> children{node(1, {load(20, 1, .01)}), node(1, {load(0, 0, .01)})};
  EXPECT_FALSE(planned(children, cost_of(20ms)).moves.empty());
  EXPECT_TRUE(planned(children, cost_of(300ms)).moves.empty());
}

TEST(MigrationPlanner, MovesAFewTasksWhileItIsNotKnownWhatThatCosts) {
  const MigrationPlan plan =
      planned({node(1, {load(500, 1, .01)}), node(1, {load(0, 0, .01)})}, TransferCost());
  ASSERT_EQ(plan.moves.size(), 1u);
  EXPECT_EQ(plan.moves[0].count, 16u);
}

TEST(MigrationPlanner, IgnoresDifferencesThatChanceMakesInTheTimeThatReportsTake) {
  // A worker with 10 ms tasks has one arrival and one end in 10 ms.
  const std::vector<NodeReport> children{node(1, {load(3, 1, .01)}), node(1, {load(0, 1, .01)})};
  EXPECT_FALSE(planned(children, cost_of(1us), 1us).moves.empty());
  EXPECT_TRUE(planned(children, cost_of(1us), 100ms).moves.empty());
}

TEST(MigrationPlanner, TakesNoPartInWhatIsSilentOrHasNoWorkers) {
  NodeReport silent = node(1, {load(0, 0, .01)});
  silent.made = kNow - 2s;
  EXPECT_TRUE(
      planned({node(1, {load(50, 1, .01)}), silent, node(0, {load(0, 0, .01)})}).moves.empty());
}

TEST(MigrationPlanner, MovesTheClassThatSuitsTheReceiver) {
  // The second is fast for the second class and slow for the first.
  const MigrationPlan plan = planned({node(1, {load(50, 1, .01), load(50, 0, .01)}),
                                      node(1, {load(0, 0, .03), load(0, 0, .005)})});
  ASSERT_FALSE(plan.moves.empty());
  EXPECT_EQ(plan.moves[0].task_class, ClassId(1));
}

TEST(MigrationPlanner, CountsWaitingForALimitAsWaiting) {
  // Six of ten workers are idle, for the class may run on four of them.
  const MigrationPlan plan =
      planned({node(10, {load(40, 4, .01, 4)}), node(10, {load(0, 0, .01, 4)})});
  ASSERT_EQ(plan.moves.size(), 1u);
  EXPECT_NEAR(plan.moves[0].count, 20, 4);
}

TEST(MigrationPlanner, GoesByWhatOthersMeasuredWhereAClassIsUnknown) {
  const MigrationPlan plan = planned({node(1, {load(100, 1, .01)}), node(1, {load(0, 0, 0)})});
  EXPECT_EQ(plan.moves.size(), 1u);
  EXPECT_TRUE(planned({node(1, {load(100, 1, 0)}), node(1, {load(0, 0, 0)})}).moves.empty())
      << "nobody knows what a task takes";
}

std::vector<NodeReport> drawn_children(Random& random) {
  std::vector<NodeReport> children;
  const auto classes = 1 + random.below(3);
  const double base_s = random.uniform() * .1 + 1e-4;
  for (std::uint64_t i = 0, count = 2 + random.below(12); i < count; ++i) {
    const auto workers =
        static_cast<std::uint32_t>(random.below(10) == 0 ? 0 : 1 + random.below(16));
    std::vector<ClassLoad> loads;
    std::uint32_t idle = workers;
    for (std::uint64_t c = 0; c < classes; ++c) {
      const auto limit = static_cast<std::uint32_t>(random.below(4) == 0 ? 1 + random.below(8) : 0);
      const auto running = static_cast<std::uint32_t>(random.below(idle + 1));
      idle -= running;
      const auto queued =
          static_cast<std::uint32_t>(random.below(3) == 0 ? random.below(3000) : random.below(5));
      loads.push_back(load(queued, running, base_s * (.3 + 3 * random.uniform()), limit));
    }
    children.push_back(node(workers, std::move(loads)));
  }
  return children;
}

// Of thousands of states, and of what each becomes when its plan is carried out and made again.
TEST(MigrationPlanner, LeavesReceiversNoWorseOffAndLosesNothing) {
  Random random(5);
  int moved = 0;
  for (int trial = 0; trial < 5000; ++trial) {
    SCOPED_TRACE("trial " + std::to_string(trial));
    std::vector<NodeReport> children = drawn_children(random);
    for (int round = 0; round < 5; ++round) {
      const MigrationPlan plan = planned(children);
      if (plan.moves.empty()) break;
      std::set<std::size_t> givers;
      std::set<std::size_t> takers;
      for (const PlannedMove& move : plan.moves) {
        ++moved;
        givers.insert(move.from);
        takers.insert(move.to);
        ASSERT_GT(move.count, 0u);
        ASSERT_LE(move.wait_to_after_s, move.wait_from_after_s);
        ASSERT_GT(move.gain_s, move.cost_s + move.margin_s);
        ClassLoad& from = children[move.from].classes[move.task_class.value()];
        ASSERT_LE(move.count, from.queued);
        from.queued -= move.count;
        children[move.to].classes[move.task_class.value()].queued += move.count;
      }
      for (const std::size_t giver : givers) ASSERT_FALSE(takers.contains(giver));
      for (std::size_t i = 0; i < children.size(); ++i) {
        for (std::size_t c = 0; c < children[i].classes.size(); ++c) {
          if (!plan.after[i].works()) continue;
          ASSERT_EQ(plan.after[i].queued(ClassId(static_cast<std::uint8_t>(c))),
                    children[i].classes[c].queued);
        }
      }
    }
  }
  EXPECT_GT(moved, 5000);
}

}  // namespace
}  // namespace weir
