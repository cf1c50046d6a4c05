#include "runtime/control/node_agent.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/runtime/control/node_agent_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Places everything on one node; idle nodes steal.
class FixedStealingPolicy final : public Policy {
 public:
  explicit FixedStealingPolicy(RankId node) : node_(node) {}
  RankId place(const TaskView&, const ClusterView&) override { return node_; }
  bool steals() const override { return true; }

 private:
  RankId node_;
};

// Keeps everything at home and counts the idle tokens that come.
class TokenCounter final : public Policy {
 public:
  explicit TokenCounter(int& tokens) : tokens_(tokens) {}
  RankId place(const TaskView&, const ClusterView& cluster) override { return cluster.self; }
  void on_token(RankId) override { ++tokens_; }
  bool wants_tokens() const override { return true; }

 private:
  int& tokens_;
};

class NodeAgentOnRanks : public testing::TestWithParam<int> {};

TEST_P(NodeAgentOnRanks, CompletesEveryTaskOnceAndThenFinishes) {
  VirtualCluster cluster({.rank_count = GetParam()}, spread(1), each_submits(300, 500us));
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(completed_once(cluster, GetParam()), 300u * GetParam());
}

TEST_P(NodeAgentOnRanks, FinishesWithoutAnyTask) {
  VirtualCluster cluster({.rank_count = GetParam()}, spread(1), each_submits(0, 1ms));
  EXPECT_TRUE(cluster.run(10s));
}

INSTANTIATE_TEST_SUITE_P(Ranks, NodeAgentOnRanks, testing::Values(1, 2, 5, 16));

TEST(NodeAgent, RepeatsARunMessageByMessage) {
  std::string journals[2];
  for (std::string& journal : journals) {
    VirtualCluster cluster({.rank_count = 4}, spread(7), each_submits(200, 300us));
    ASSERT_TRUE(cluster.run());
    journal = cluster.journal();
  }
  EXPECT_EQ(journals[0], journals[1]);
}

TEST(NodeAgent, CountsResponseFromTheScheduledArrival) {
  VirtualCluster cluster({.rank_count = 1}, spread(1), each_submits(3, 0ns));
  ASSERT_TRUE(cluster.run());
  const auto& done = cluster.sink(0).completed;
  ASSERT_EQ(done.size(), 3u);  // One worker, 1 ms each, all due at zero.
  EXPECT_NEAR(to_milliseconds(done[0].response), 1, 0.01);
  EXPECT_NEAR(to_milliseconds(done[2].response), 3, 0.01);
  EXPECT_NEAR(to_milliseconds(done[2].waited), 2, 0.01);
  EXPECT_EQ(done[2].service, 1ms);
}

TEST(NodeAgent, DropsTheEndOfAnAttemptThatNoLongerCounts) {
  VirtualCluster cluster({.rank_count = 2}, spread(3), first_submits(4, 1ms));
  const TaskEnd old{.id = TaskId(1), .attempt = 0, .home = RankId(0)};
  const TaskEnd unknown{.id = TaskId(999), .attempt = 1, .home = RankId(0)};
  cluster.inject(RankId(1), RankId(0), EndBatch{{old, unknown}});
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(completed_once(cluster, 2), 4u);
  EXPECT_EQ(cluster.agent(0).counts().stale_ends, 2u);
}

TEST(NodeAgent, HandsQueuedTasksToIdleNodesAndLosesNone) {
  VirtualCluster cluster({.rank_count = 4}, at_home(true), first_submits(400, 0ns));
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(completed_once(cluster, 4), 400u);
  EXPECT_GT(cluster.agent(0).counts().moved, 100u);
  // Four workers on 400 ms of work: without stealing it takes 400 ms, shared evenly 100.
  EXPECT_LT(to_milliseconds(cluster.now().time_since_epoch()), 250);
  std::uint64_t received = 0;
  for (int i = 1; i < 4; ++i) received += cluster.agent(i).hand_over_counts().tasks_received;
  EXPECT_EQ(received, cluster.agent(0).hand_over_counts().tasks_given);
}

TEST(NodeAgent, KnowsAMoveByTheEndThatOvertookItsNews) {
  // What rank 1 sends to rank 0 is slow, so that the thief's ends are there before the victim's
  // news of the moves.
  VirtualCluster::Options options{.rank_count = 3};
  options.latency_between = [](RankId from, RankId to) {
    return from == RankId(1) && to == RankId(0) ? Duration(200ms) : Duration(50us);
  };
  std::uint64_t moved = 0;
  VirtualCluster cluster(
      options, [](RankId) { return std::make_unique<FixedStealingPolicy>(RankId(1)); },
      first_submits(100, 0ns));
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(completed_once(cluster, 3), 100u);
  for (const CompletedTask& task : cluster.sink(0).completed) {
    EXPECT_EQ(task.moved, task.node != RankId(1));
    moved += task.moved ? 1 : 0;
  }
  EXPECT_GT(moved, 10u);
  EXPECT_EQ(cluster.agent(0).counts().moved, moved);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(cluster.agent(0).cluster().node(RankId(i)).own_in_flight, 0u);
  }
}

TEST(NodeAgent, AnnouncesAnIdleWorkerAgainAfterATaskOfItsOwnHome) {
  std::vector<int> tokens(1);
  VirtualCluster cluster(
      {.rank_count = 1}, [&](RankId) { return std::make_unique<TokenCounter>(tokens[0]); },
      first_submits(20, 5ms));
  ASSERT_TRUE(cluster.run());
  EXPECT_GE(tokens[0], 20);
}

TEST(NodeAgent, LeavesTasksAloneWhereNobodySteals) {
  VirtualCluster cluster({.rank_count = 2}, at_home(false), first_submits(50, 0ns));
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(cluster.agent(0).counts().moved, 0u);
  for (const CompletedTask& task : cluster.sink(0).completed) EXPECT_EQ(task.node, RankId(0));
}

TEST(NodeAgent, NeverHasMoreUnderWayThanItsLimits) {
  VirtualCluster::Options options{.rank_count = 2};
  options.agent.max_in_flight = 40;
  VirtualCluster cluster(options, spread(3), first_submits(500, 0ns));
  bool within = true;
  ASSERT_TRUE(cluster.run_until(
      [&] {
        within = within && cluster.agent(0).in_flight() <= 40;
        return cluster.agent(0).finished() && cluster.agent(1).finished();
      },
      1h));
  EXPECT_TRUE(within);
  EXPECT_EQ(completed_once(cluster, 2), 500u);
}

TEST(NodeAgent, HoldsTasksAtHomeWhenANodeGivesNoCreditBack) {
  VirtualCluster::Options options{.rank_count = 2};
  options.agent.router.credit_per_node = 16;
  options.agent.host.queue_limit = 20;
  VirtualCluster cluster(options, spread(3), first_submits(1000, 0ns));
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(completed_once(cluster, 2), 1000u);
  // The limit, one portion that was due when it was reached, and the credit then under way.
  EXPECT_LE(cluster.executor(1).longest_queue(), 20u + 16u + 16u);
}

TEST(NodeAgent, LosesNothingWhenARankIsStoppedForTwoSeconds) {
  VirtualCluster::Options options{.rank_count = 4};
  options.frozen = [](RankId rank, Instant now) {
    return rank == RankId(2) && now > Instant(100ms) && now < Instant(2100ms);
  };
  VirtualCluster cluster(options, spread(3), each_submits(1000, 2ms));
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(completed_once(cluster, 4), 4000u);
}

TEST(NodeAgent, StopsAdmissionEverywhereAndFinishesWhatWasAccepted) {
  VirtualCluster cluster({.rank_count = 3}, spread(3), each_submits(100'000, 10ms));
  cluster.run_until([&] { return cluster.now() > Instant(200ms); }, 1h);
  cluster.agent(1).stop_admission();
  ASSERT_TRUE(cluster.run(2s));
  std::uint64_t submitted = 0;
  for (int i = 0; i < 3; ++i) {
    submitted += cluster.agent(i).counts().submitted;
    EXPECT_TRUE(cluster.agent(i).stopped());
  }
  EXPECT_EQ(completed_once(cluster, 3), submitted);
  EXPECT_LT(submitted, 100u);
}

TEST(NodeAgent, LearnsFromReportsWhatOtherNodesAreLike) {
  VirtualCluster::Options options{.rank_count = 3};
  options.workers = [](RankId rank) { return 1 + rank.value(); };
  options.script = [](const TaskHeader&, RankId node) {
    return ScriptedRun{1ms * (1 + node.value())};
  };
  VirtualCluster cluster(options, spread(3), each_submits(300, 4ms));
  ASSERT_TRUE(cluster.run());
  const NodeView& seen = cluster.agent(0).cluster().node(RankId(2));
  EXPECT_EQ(seen.cores, 3);
  EXPECT_NEAR(seen.mean_service_s[0], 0.003, 1e-9);
  EXPECT_EQ(seen.own_in_flight, 0u);
}

TEST(NodeAgent, LetsWorkLeaveBeforeAReportThatIsDue) {
  RecordingTransport transport(1, 2);
  ScriptedExecutor executor(RankId(1), 1, [](const TaskHeader&, RankId) { return ScriptedRun{}; });
  SilentTelemetry telemetry;
  FixedPolicy policy(0);
  CollectingSink sink;
  NodeAgent agent({.report_interval = 20ms}, {transport, executor, telemetry, policy, sink});
  const Instant long_after(10s);
  Task task{header_of(7, 1), {}};
  ASSERT_TRUE(agent.submit(task, long_after));
  agent.on_wakeup(long_after);
  EXPECT_EQ(transport.take<TaskBatch>(0).size(), 1U);
  EXPECT_TRUE(transport.take<NodeReport>(0).empty());
  ASSERT_LE(agent.next_wakeup(), long_after);
  agent.on_wakeup(long_after);
  EXPECT_EQ(transport.take<NodeReport>(0).size(), 1U);
}

TEST(NodeAgent, SaysLittleWhileNothingHappens) {
  // One task that takes 100 s. Each of four nodes reports four times a second; each report may
  // cause a view for the three others.
  VirtualCluster::Options options{.rank_count = 4};
  options.script = [](const TaskHeader&, RankId) { return ScriptedRun{100s}; };
  VirtualCluster cluster(options, at_home(false), first_submits(1, 0ns));
  cluster.run_until([&] { return cluster.now() > Instant(99s); }, 1h);
  EXPECT_LT(cluster.message_count(), 99u * 4 * (3 + 4 * 3) + 100);
  ASSERT_TRUE(cluster.run());
}

}  // namespace
}  // namespace weir
