// Queue orders, deadlines and admission through whole simulated jobs. What has a closed form is in
// tests/validation/queue_orders_test.cpp.

#include <gtest/gtest.h>

#include "tests/support/informed_tasks.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(DropLate, LeavesNoTaskThatKnowsItsWorkLate) {
  SimulationOptions options = one_server(1);
  options.queue.drop_late = true;
  const CountingSink sink = run(options, 1.2, 10ms);
  EXPECT_EQ(sink.late_share(), 0);
  // A sixth of the work has to go, in fewer tasks: short ones find a place where long ones do not.
  EXPECT_GT(sink.dropped_share(), 0.05);
  EXPECT_LT(sink.dropped_share(), 1.0 / 6);
}

TEST(Overflow, WaitingLosesNothingAndCountsTheWait) {
  SimulationOptions options = one_server(1);
  const double unlimited = run(options, 0.8).mean_response();
  options.max_in_flight = 3;
  const CountingSink limited = run(options, 0.8);
  EXPECT_EQ(limited.dropped_share(), 0);
  EXPECT_NEAR(limited.mean_response(), unlimited, 1e-3 * unlimited);
}

TEST(SimulationOrders, RepeatThemselvesBitForBit) {
  for (const QueueOrder order : {QueueOrder::kShortestFirst, QueueOrder::kEarliestDeadline}) {
    constexpr std::uint64_t kTasks = 20'000;
    std::uint64_t journals[2] = {};
    for (std::uint64_t& journal : journals) {
      CountingSink sink(kTasks);
      SimulationOptions options = one_server(3);
      options.nodes = EmulationSpec::parse("nodes=2x1*3;work_ms=1");
      options.policy = "random+work_stealing";
      options.queue = {.order = order, .drop_late = true};
      const auto source = [&](RankId, Instant start) {
        return std::make_unique<InformedSource>(
            PoissonArrivals{.rate_per_s = 5500, .count = kTasks}, start, 3, 20ms);
      };
      Simulation world(options, source, sink);
      world.run();
      EXPECT_EQ(sink.all, kTasks);
      journal = world.journal();
    }
    EXPECT_EQ(journals[0], journals[1]);
  }
}

}  // namespace
}  // namespace weir
