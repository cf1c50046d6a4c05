// Tasks that wait at their home until a node asks for them: whatever happens meanwhile, each is run
// by one node at a time and completes once.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "runtime/policy/late_binding_policy.hpp"
#include "runtime/policy/work_stealing_policy.hpp"
#include "tests/support/control_fakes.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

VirtualCluster::PolicyMaker late_binding(int nodes_per_task = 2) {
  return [nodes_per_task](RankId rank) {
    return std::make_unique<LateBindingPolicy>(LateBindingOptions{.nodes_per_task = nodes_per_task},
                                               Random(3, static_cast<unsigned>(rank.value())));
  };
}

// Rank 0 alone submits `count` tasks, one each `gap`.
VirtualCluster::SourceMaker first_submits(std::uint64_t count, Duration gap) {
  return [count, gap](RankId rank, Instant start) {
    return std::make_unique<EvenSource>(start, 1, rank == RankId(0) ? count : 0, gap);
  };
}

// Every rank submits `count` tasks.
VirtualCluster::SourceMaker all_submit(std::uint64_t count, Duration gap) {
  return [count, gap](RankId rank, Instant start) {
    return std::make_unique<EvenSource>(
        start, 1 + 1'000'000 * static_cast<std::uint64_t>(rank.value()), count, gap);
  };
}

// Played twice to the end, after `prepare`.
std::unique_ptr<VirtualCluster> played(
    const VirtualCluster::Options& options, const VirtualCluster::PolicyMaker& policy,
    const VirtualCluster::SourceMaker& source,
    const std::function<void(VirtualCluster&)>& prepare = [](VirtualCluster&) {}) {
  return play_twice([&] {
    auto cluster = std::make_unique<VirtualCluster>(options, policy, source);
    prepare(*cluster);
    EXPECT_TRUE(cluster->run()) << "it does not end";
    return cluster;
  });
}

void expect_completed_once(VirtualCluster& cluster, std::size_t count) {
  std::set<TaskId> ids;
  std::size_t completed = 0;
  for (int i = 0; i < cluster.rank_count(); ++i) {
    for (const CompletedTask& task : cluster.sink(i).completed) ids.insert(task.header.id);
    completed += cluster.sink(i).completed.size();
    EXPECT_EQ(cluster.agent(i).counts().stale_ends, 0u);
    EXPECT_EQ(cluster.agent(i).unbound_task_count(), 0u);
  }
  EXPECT_EQ(completed, count);
  EXPECT_EQ(ids.size(), count);
}

// Mean response of the tasks of one home.
double mean_response_ms(const CollectingSink& sink) {
  double sum = 0;
  for (const CompletedTask& task : sink.completed) sum += to_milliseconds(task.response);
  return sum / static_cast<double>(sink.completed.size());
}

TEST(LateBinding, RunsNoTaskWhileAnotherNodeWouldBeFree) {
  // Four nodes of one worker, every task reserved at all of them: one queue, no task waits while a
  // worker has nothing to do. Tasks of 4 ms come every 1.25 ms, so each node is busy 80 %.
  VirtualCluster::Options options{.rank_count = 4, .latency = 1us};
  options.script = [](const TaskHeader&, RankId) { return ScriptedRun{.service = 4ms}; };
  const auto cluster = played(options, late_binding(4), first_submits(400, 1250us));
  expect_completed_once(*cluster, 400);
  EXPECT_NEAR(mean_response_ms(cluster->sink(0)), 4, 0.05);
}

TEST(LateBinding, RunsATaskOnceThoughAllNodesAskAtTheSameTime) {
  VirtualCluster::Options options{.rank_count = 6};
  std::map<TaskId, int> runs;
  options.script = [&runs](const TaskHeader& task, RankId) {
    ++runs[task.id];
    return ScriptedRun{};
  };
  const auto cluster = played(options, late_binding(6), all_submit(50, 100us),
                              [&runs](VirtualCluster&) { runs.clear(); });
  expect_completed_once(*cluster, 300);
  for (const auto& [id, times] : runs) EXPECT_EQ(times, 1) << id.value();
}

TEST(LateBinding, ReservesEveryAttemptAnew) {
  VirtualCluster::Options options{.rank_count = 4};
  options.agent.max_retries = 5;
  std::set<RankId> nodes;
  options.script = [&nodes](const TaskHeader& task, RankId node) {
    nodes.insert(node);
    return ScriptedRun{.fails = task.attempt <= 4};
  };
  const auto cluster = played(options, late_binding(), first_submits(20, 3ms));
  expect_completed_once(*cluster, 20);
  EXPECT_EQ(cluster->agent(0).counts().failed, 0u);
  EXPECT_EQ(cluster->agent(0).counts().retried, 80u);
  EXPECT_EQ(cluster->agent(0).counts().decisions, 100u);
  EXPECT_EQ(nodes.size(), 4u);
}

TEST(LateBinding, LetsPinnedTasksRunOnTheirNodeInTurn) {
  const auto submit_pinned = [](VirtualCluster& cluster) {
    for (std::uint64_t id = 1000; id < 1020; ++id) {
      Task task{header_of(id), {}};
      EXPECT_TRUE(cluster.agent(0).submit(task, Instant{}, RankId(2)));
    }
  };
  const auto cluster =
      played({.rank_count = 3}, late_binding(), first_submits(60, 200us), submit_pinned);
  expect_completed_once(*cluster, 80);
  for (const CompletedTask& task : cluster->sink(0).completed) {
    if (task.header.id.value() >= 1000) {
      EXPECT_EQ(task.node, RankId(2));
    }
  }
}

TEST(LateBinding, CompletesWhatWasSubmittedAfterAdmissionStops) {
  const auto stop_soon = [](VirtualCluster& cluster) {
    EXPECT_FALSE(cluster.run(20ms));
    EXPECT_GT(cluster.agent(1).unbound_task_count(), 0u);
    cluster.agent(2).stop_admission();
  };
  const auto cluster =
      played({.rank_count = 3}, late_binding(), all_submit(1000, 100us), stop_soon);
  std::size_t submitted = 0;
  for (int i = 0; i < 3; ++i) submitted += cluster->agent(i).counts().submitted;
  EXPECT_LT(submitted, 1500u);
  expect_completed_once(*cluster, submitted);
}

TEST(LateBinding, KeepsNoWorkersForAHomeThatIsStopped) {
  // Rank 0 is stopped from 5 ms to 505 ms, with reservations everywhere. The tasks of rank 1 take
  // 1 ms each and 3 ms apart: they lose at most the patience of the nodes.
  VirtualCluster::Options options{.rank_count = 3};
  options.frozen = [](RankId rank, Instant now) {
    return rank == RankId(0) && now >= Instant(5ms) && now < Instant(505ms);
  };
  const auto cluster = played(options, late_binding(2), [](RankId rank, Instant start) {
    const auto first = 1 + 1'000'000 * static_cast<std::uint64_t>(rank.value());
    return rank == RankId(0) ? std::make_unique<EvenSource>(start, first, 200, 50us)
                             : std::make_unique<EvenSource>(start, first, 50, 3ms);
  });
  expect_completed_once(*cluster, 300);
  std::size_t while_stopped = 0;
  for (const CompletedTask& task : cluster->sink(1).completed) {
    while_stopped += task.response < 200ms ? 1 : 0;
  }
  EXPECT_GT(while_stopped, 25u);
}

TEST(LateBinding, FailsATaskThatCannotBeSerializedAndGoesOn) {
  const auto submit_unserializable = [](VirtualCluster& cluster) {
    for (std::uint64_t id = 1000; id < 1010; ++id) {
      Task task{header_of(id), Payload(std::make_shared<Unserializable>())};
      EXPECT_TRUE(cluster.agent(0).submit(task, Instant{}));
    }
  };
  const auto cluster =
      played({.rank_count = 2}, late_binding(1), first_submits(40, 1ms), submit_unserializable);
  expect_completed_once(*cluster, 50);
  for (const CompletedTask& task : cluster->sink(0).completed) {
    const bool leaves = task.header.id.value() >= 1000 && task.status == TaskStatus::kFailed;
    const bool stays = task.status == TaskStatus::kDone;
    EXPECT_TRUE(leaves || stays);
  }
  const std::uint64_t failed = cluster->agent(0).counts().failed;
  EXPECT_GT(failed, 0u);
  EXPECT_LT(failed, 10u) << "those that node 0 asked for never left";
}

TEST(LateBinding, LetsIdleNodesStealReservations) {
  // Rank 0 reserves everything at rank 1 only; the other two have nothing to do but steal.
  class OneNode final : public Policy {
   public:
    RankId place(const TaskView&, const ClusterView&) override { return RankId(1); }
    bool binds_late() const override { return true; }
  };
  const auto cluster = played(
      {.rank_count = 4},
      [](RankId) { return std::make_unique<PolicyWithWorkStealing>(std::make_unique<OneNode>()); },
      first_submits(200, 0ns));
  expect_completed_once(*cluster, 200);
  std::map<RankId, int> ran;
  for (const CompletedTask& task : cluster->sink(0).completed) {
    ++ran[task.node];
    EXPECT_FALSE(task.moved) << "its home gave it to the node that ran it";
  }
  EXPECT_GE(ran.size(), 3u);
  // 200 ms of work on one node, at least 50 on four.
  EXPECT_LT(to_milliseconds(cluster->now().time_since_epoch()), 120);
}

}  // namespace
}  // namespace weir
