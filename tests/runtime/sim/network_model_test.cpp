#include "runtime/sim/network_model.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "runtime/base/random.hpp"
#include "runtime/sim/event_queue.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr NetworkOptions kMegabytePerSecond{.latency = 10us, .bytes_per_s = 1e6};

// Drives a network from event to event.
class Network {
 public:
  Network(const NetworkOptions& options, int rank_count) : model_(options, rank_count) {}

  // Calls in order of time. Letters are numbered as they are sent.
  std::uint32_t send(int from, int to, std::size_t bytes, SimTime at, Duration delay = 0s) {
    run_until(at);
    const auto next = model_.send(RankId(from), RankId(to), bytes, sent_, delay, at);
    events_.push_link(next.at, next.link);
    return sent_++;
  }
  SimTime arrival(std::uint32_t letter) {
    run_until(kEndOfTime);
    return arrivals_.at(letter);
  }
  // In the order of arrival.
  const std::vector<std::uint32_t>& arrived() {
    run_until(kEndOfTime);
    return order_;
  }

 private:
  void run_until(SimTime end) {
    while (events_.next_at() < end) {
      const SimEvent event = events_.pop();
      const auto outcome = model_.look(event.link, event.at);
      if (outcome.goes_on) events_.push_link(outcome.goes_on->at, outcome.goes_on->link);
      if (outcome.again) events_.push_link(outcome.again->at, outcome.again->link);
      if (!outcome.arrived) continue;
      EXPECT_TRUE(arrivals_.emplace(*outcome.arrived, event.at).second);
      order_.push_back(*outcome.arrived);
    }
  }

  NetworkModel model_;
  EventQueue events_{1};
  std::uint32_t sent_ = 0;
  std::map<std::uint32_t, SimTime> arrivals_;
  std::vector<std::uint32_t> order_;
};

TEST(NetworkModel, TakesLatencyAndTheTimeOfTheBytesOnBothLinks) {
  Network network(kMegabytePerSecond, 3);
  EXPECT_EQ(network.arrival(network.send(0, 1, 100, SimTime(1ms))), SimTime(1ms + 210us));
}

TEST(NetworkModel, QueuesMessagesOnTheSendersLink) {
  Network network(kMegabytePerSecond, 3);
  network.send(0, 1, 1000, SimTime{});
  const auto second = network.send(0, 2, 100, SimTime{});
  EXPECT_EQ(network.arrival(second), SimTime(1100us + 10us + 100us));
}

TEST(NetworkModel, QueuesMessagesOnTheReceiversLink) {
  Network network(kMegabytePerSecond, 3);
  const auto first = network.send(0, 2, 1000, SimTime{});
  const auto second = network.send(1, 2, 1000, SimTime{});
  EXPECT_EQ(network.arrival(first), SimTime(2010us));
  EXPECT_EQ(network.arrival(second), SimTime(3010us));
}

TEST(NetworkModel, LetsWhatReachesAReceiverFirstInFirstWhoeverSentFirst) {
  NetworkOptions options = kMegabytePerSecond;
  options.far_latency = 5ms;
  options.ranks_per_cluster = 2;
  Network network(options, 4);
  const auto far = network.send(2, 0, 1000, SimTime{});
  const auto near = network.send(1, 0, 1000, SimTime(1ms));
  EXPECT_EQ(network.arrival(near), SimTime(1ms + 2010us));
  EXPECT_EQ(network.arrival(far), SimTime(7ms));
}

TEST(NetworkModel, OnlyTakesLatencyWhereBandwidthHasNoLimit) {
  Network network({.latency = 10us, .bytes_per_s = 0}, 2);
  network.send(0, 1, 1 << 30, SimTime{});
  EXPECT_EQ(network.arrival(network.send(0, 1, 1 << 30, SimTime{})), SimTime(10us));
}

TEST(NetworkModel, HasALatencyForEachDistance) {
  Network network({.latency = 20us,
                   .host_latency = 1us,
                   .far_latency = 300us,
                   .ranks_per_host = 2,
                   .ranks_per_cluster = 4,
                   .bytes_per_s = 0},
                  8);
  EXPECT_EQ(network.arrival(network.send(2, 3, 1, SimTime{})), SimTime(1us));
  EXPECT_EQ(network.arrival(network.send(1, 2, 1, SimTime(1ms))), SimTime(1ms + 20us));
  EXPECT_EQ(network.arrival(network.send(3, 4, 1, SimTime(2ms))), SimTime(2ms + 300us));
}

TEST(NetworkModel, SharesTheUplinksOfBothClusters) {
  NetworkOptions options{.latency = 0us, .ranks_per_cluster = 2, .bytes_per_s = 0};
  options.uplink_bytes_per_s = 1e6;
  Network network(options, 6);
  const auto first = network.send(0, 2, 1000, SimTime{});
  const auto same_way_up = network.send(1, 4, 1000, SimTime{});
  const auto same_way_down = network.send(5, 3, 1000, SimTime{});
  const auto at_home = network.send(4, 5, 1000, SimTime{});
  EXPECT_EQ(network.arrival(first), SimTime(2ms));
  EXPECT_EQ(network.arrival(same_way_up), SimTime(3ms));
  EXPECT_EQ(network.arrival(same_way_down), SimTime(3ms));
  EXPECT_EQ(network.arrival(at_home), SimTime{});
}

TEST(NetworkModel, MakesSlowLinksSlowInBytesAndLatency) {
  NetworkOptions options = kMegabytePerSecond;
  options.ranks_per_cluster = 2;
  options.slow_links = {{SlowLink::Of::kRank, 1, 3}, {SlowLink::Of::kCluster, 1, 5}};
  Network network(options, 4);
  EXPECT_EQ(network.arrival(network.send(0, 1, 100, SimTime{})), SimTime(100us + 30us + 300us));
  EXPECT_EQ(network.arrival(network.send(0, 2, 100, SimTime(1ms))),
            SimTime(1ms + 100us + 50us + 100us));
}

// As when every node greets the homes at once: 100 messages from each of 200 ranks, sent rank by
// rank, reach one link in another order.
TEST(NetworkModel, LetsABurstFromManySendersThroughInTheOrderInWhichItReachesTheLink) {
  Network network({.latency = 10us, .bytes_per_s = 1e9}, 201);
  constexpr std::uint32_t kSenders = 200;
  constexpr std::uint32_t kEach = 100;
  for (std::uint32_t sender = 1; sender <= kSenders; ++sender) {
    for (std::uint32_t i = 0; i < kEach; ++i) network.send(static_cast<int>(sender), 0, 1000, {});
  }
  const std::vector<std::uint32_t>& order = network.arrived();
  ASSERT_EQ(order.size(), kSenders * kEach);
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    const std::uint32_t sender = place % kSenders;
    const std::uint32_t round = place / kSenders;
    ASSERT_EQ(order[place], sender * kEach + round);
  }
}

TEST(NetworkModel, LosesNoneAndKeepsTheOrderOfEveryPair) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    NetworkOptions options{.latency = 20us,
                           .host_latency = 2us,
                           .far_latency = 200us,
                           .ranks_per_host = 2,
                           .ranks_per_cluster = 4,
                           .bytes_per_s = random.below(3) == 0 ? 0 : 1e7};
    options.uplink_bytes_per_s = random.below(2) == 0 ? 0 : 2e7;
    options.slow_links = {{SlowLink::Of::kRank, 3, 8}};
    Network network(options, 12);
    std::vector<std::pair<int, int>> pair_of;
    SimTime now{};
    for (int i = 0; i < 3000; ++i) {
      // Bursts at one time, and pauses.
      if (random.below(2) == 0) now += Duration(static_cast<Duration::rep>(random.below(60'000)));
      const int from = static_cast<int>(random.below(12));
      const int to = (from + 1 + static_cast<int>(random.below(11))) % 12;
      const Duration delay = random.below(10) == 0 ? 3ms : 0ms;
      network.send(from, to, 1 + random.below(2000), now, delay);
      pair_of.emplace_back(from, to);
    }
    ASSERT_EQ(network.arrived().size(), pair_of.size());
    std::map<std::pair<int, int>, std::uint32_t> newest;
    for (const std::uint32_t letter : network.arrived()) {
      std::uint32_t& last = newest[pair_of[letter]];
      ASSERT_LE(last, letter);
      last = letter;
    }
  }
}

}  // namespace
}  // namespace weir
