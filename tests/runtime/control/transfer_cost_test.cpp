#include "runtime/control/transfer_cost.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(TransferCost, KnowsNothingBeforeTheFirstHandOver) {
  const TransferCost cost;
  EXPECT_FALSE(cost.is_known());
  EXPECT_EQ(cost.seconds(10), 0);
}

TEST(TransferCost, TakesApartWhatAnOfferTakesAndWhatItsBytesTake) {
  TransferCost cost;
  // 2 ms and 1 us per byte; 100 bytes per task.
  for (std::uint32_t count = 1; count <= 20; ++count) {
    cost.add(count, 100 * count, 2ms + 100us * count);
  }
  EXPECT_NEAR(cost.bytes_per_task(), 100, 1e-9);
  EXPECT_NEAR(cost.seconds(1), 2.1e-3, 1e-6);
  EXPECT_NEAR(cost.seconds(200), 22e-3, 1e-5);
  EXPECT_NEAR(cost.seconds_of(300), 2.3e-3, 1e-6);
}

TEST(TransferCost, IsTheMeanWhereAllWereAlike) {
  TransferCost cost;
  cost.add(5, 500, 1ms);
  cost.add(5, 500, 3ms);
  EXPECT_NEAR(cost.seconds(5), 2e-3, 1e-4);
}

TEST(TransferCost, NeverSaysThatMoreBytesTakeLess) {
  TransferCost cost;
  cost.add(1, 100, 5ms);
  cost.add(10, 1000, 1ms);
  EXPECT_GE(cost.seconds(100), cost.seconds(1));
}

TEST(TransferCost, ForgetsHowItUsedToBe) {
  TransferCost cost;
  for (int i = 0; i < 100; ++i) cost.add(1, 100, 1ms);
  for (int i = 0; i < 200; ++i) cost.add(1, 100, 9ms);
  EXPECT_NEAR(cost.seconds(1), 9e-3, 1e-3);
}

}  // namespace
}  // namespace weir
