#include "runtime/policy/queue_values.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weir {
namespace {

TEST(QueueValues, KnowTheMeanOfTextbookQueues) {
  EXPECT_NEAR(mean_tasks_in_queue(1, .8), 4, 1e-9);
  EXPECT_NEAR(mean_tasks_in_queue(2, .8) / 1.6, 2.777778, 1e-6);
  EXPECT_NEAR(mean_tasks_in_queue(8, .9) / 7.2, 1.876916, 1e-6);
  EXPECT_NEAR(mean_tasks_in_queue(64, .95) / 60.8, 1.183753, 1e-6);
}

TEST(QueueValues, OfOneServerGrowEvenly) {
  const QueueValues values(1, .75);
  for (const int n : {0, 1, 2, 10, 500})
    EXPECT_NEAR(values.cost_of_joining(n), (n + 1) / .25, 1e-9);
}

// g = n + a d(n) - min(n, c) d(n - 1) for every n, wherever the two recursions meet.
TEST(QueueValues, SatisfyTheirEquationForEveryNumberOfTasks) {
  for (const int servers : {2, 3, 24, 44, 512}) {
    for (const double load : {.05, .5, .87, .98}) {
      const QueueValues values(servers, load);
      const double arrivals = servers * load;
      const double mean = mean_tasks_in_queue(servers, load);
      for (int n = 1; n < 2 * servers; ++n) {
        const double left = std::min(n, servers) * values.cost_of_joining(n - 1);
        const double right = arrivals * values.cost_of_joining(n) + n - mean;
        EXPECT_NEAR(left / right, 1, 1e-6) << servers << " servers, load " << load << ", n " << n;
      }
    }
  }
}

TEST(QueueValues, BeginNearOneServiceAndNeverFall) {
  const QueueValues values(32, .87);
  EXPECT_GT(values.cost_of_joining(0), 1);
  EXPECT_LT(values.cost_of_joining(0), 1.1);
  for (int n = 1; n < 100; ++n) {
    EXPECT_GT(values.cost_of_joining(n), values.cost_of_joining(n - 1)) << n;
  }
}

}  // namespace
}  // namespace weir
