// Queue orders and admission against closed forms, through whole simulated jobs of one node. Mean
// work 1 ms.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/informed_tasks.hpp"
#include "tests/support/queueing_model.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Expected {
  double load;
  double value;
  std::uint64_t tasks = kOrderedTasks;
  double most_error = 0.01;
};

class ShortestFirst : public testing::TestWithParam<Expected> {};

TEST_P(ShortestFirst, HasTheMeanResponseOfNonPreemptiveShortestJobFirst) {
  const Estimate found = over_ten_seeds([](std::uint64_t seed) {
    SimulationOptions options = one_server(seed);
    options.queue.order = QueueOrder::kShortestFirst;
    return run(options, GetParam().load, Duration::zero(), GetParam().tasks).mean_response();
  });
  expect_agreement(found, GetParam().value, GetParam().most_error);
}

INSTANTIATE_TEST_SUITE_P(Loads, ShortestFirst,
                         testing::Values(Expected{0.5, 1.71269}, Expected{0.8, 2.88222},
                                         Expected{0.9, 4.19691},
                                         Expected{0.95, 6.26396, 1'000'000, 0.02}));

// Equal patience makes the earliest deadline the first to come: the response is exponential with
// rate 1 - load, so exp(-(1 - load) x patience) of the tasks are late.
TEST(EarliestDeadline, WithEqualPatienceIsFirstComeFirstServed) {
  const Estimate found = over_ten_seeds([](std::uint64_t seed) {
    SimulationOptions options = one_server(seed);
    options.queue.order = QueueOrder::kEarliestDeadline;
    return run(options, 0.8, 10ms).late_share();
  });
  expect_agreement(found, std::exp(-0.2 * 10), 0.03);
}

TEST(Overflow, DroppingLosesTheShareOfAQueueWithTenPlaces) {
  const Estimate found = over_ten_seeds([](std::uint64_t seed) {
    SimulationOptions options = one_server(seed);
    options.max_in_flight = 10;
    options.overflow = Overflow::kDrop;
    return run(options, 0.9, Duration::zero(), 500'000).dropped_share();
  });
  expect_agreement(found, 0.05081373);
}

}  // namespace
}  // namespace weir
