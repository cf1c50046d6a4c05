#include "runtime/control/idle_token_sender.hpp"

#include <gtest/gtest.h>

#include "tests/support/control_fakes.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

class TokenCountingPolicy final : public Policy {
 public:
  RankId place(const TaskView&, const ClusterView& cluster) override { return cluster.self; }
  void on_token(RankId) override { ++tokens; }
  std::size_t tokens = 0;
};

// Node 0 of three ranks, with four workers; the first two ranks place tasks.
struct Node {
  std::size_t sent() {
    const std::size_t to_others = transport.take<IdleToken>(1).size();
    EXPECT_TRUE(transport.sent.empty()) << "a token to a rank that places nothing";
    return to_others + std::exchange(policy.tokens, 0);
  }

  RecordingTransport transport{0, 3};
  ScriptedExecutor executor{RankId(0), 4, [](const TaskHeader&, RankId) { return ScriptedRun{}; }};
  TokenCountingPolicy policy;
  IdleTokenSender sender{RankId(0), 2, executor, policy, transport, Random(1)};
};

TEST(IdleTokenSender, TellsOfEachIdleWorkerOnce) {
  Node node;
  node.executor.enqueue(tasks_of(0, 1, 1), Instant{});
  node.sender.send(Instant{});
  EXPECT_EQ(node.sent(), 3u);
  node.sender.send(Instant{});
  EXPECT_EQ(node.sent(), 0u);
}

TEST(IdleTokenSender, TellsAgainAfterATaskHasAnsweredAToken) {
  Node node;
  node.sender.send(Instant{});
  EXPECT_EQ(node.sent(), 4u);
  node.sender.on_arrivals(1);
  node.sender.send(Instant{});
  EXPECT_EQ(node.sent(), 1u);
}

TEST(IdleTokenSender, OwesNothingForTasksThatCameWithoutAToken) {
  Node node;
  node.sender.on_arrivals(5);
  node.sender.send(Instant{});
  EXPECT_EQ(node.sent(), 4u);
}

}  // namespace
}  // namespace weir
