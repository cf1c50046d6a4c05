#include "runtime/sim/network_model.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr NetworkOptions kMegabytePerSecond{.latency = 10us, .bytes_per_s = 1e6};

TEST(NetworkModel, TakesLatencyAndTheTimeOfTheBytesOnBothLinks) {
  NetworkModel network(kMegabytePerSecond, 3);
  EXPECT_EQ(network.deliver(RankId(0), RankId(1), 100, SimTime(1ms)), SimTime(1ms + 210us));
}

TEST(NetworkModel, QueuesMessagesOnTheSendersLink) {
  NetworkModel network(kMegabytePerSecond, 3);
  network.deliver(RankId(0), RankId(1), 1000, SimTime{});
  EXPECT_EQ(network.deliver(RankId(0), RankId(2), 100, SimTime{}), SimTime(1100us + 10us + 100us));
}

TEST(NetworkModel, QueuesMessagesOnTheReceiversLink) {
  NetworkModel network(kMegabytePerSecond, 3);
  const SimTime first = network.deliver(RankId(0), RankId(2), 1000, SimTime{});
  EXPECT_EQ(network.deliver(RankId(1), RankId(2), 1000, SimTime{}), first + 1ms);
}

TEST(NetworkModel, OnlyTakesLatencyWhereBandwidthHasNoLimit) {
  NetworkModel network({.latency = 10us, .bytes_per_s = 0}, 2);
  network.deliver(RankId(0), RankId(1), 1 << 30, SimTime{});
  EXPECT_EQ(network.deliver(RankId(0), RankId(1), 1 << 30, SimTime{}), SimTime(10us));
}

}  // namespace
}  // namespace weir
