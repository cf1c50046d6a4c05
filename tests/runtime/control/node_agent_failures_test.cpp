// What becomes of tasks that fail, of those that cannot be serialized, and of those that ranks die
// of.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/control/node_agent.hpp"
#include "tests/runtime/control/node_agent_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Tasks that carry what `payload_of` says.
class PayloadSource final : public TaskSource {
 public:
  PayloadSource(EvenSource tasks, std::function<Payload(TaskId)> payload_of)
      : tasks_(tasks), payload_of_(std::move(payload_of)) {}
  Instant next_due() const override { return tasks_.next_due(); }
  Task take() override {
    Task task = tasks_.take();
    task.payload = payload_of_(task.header.id);
    return task;
  }
  bool exhausted() const override { return tasks_.exhausted(); }

 private:
  EvenSource tasks_;
  std::function<Payload(TaskId)> payload_of_;
};

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Rank 0 submits `count` tasks at once.
VirtualCluster::SourceMaker first_submits_with(std::uint64_t count,
                                               std::function<Payload(TaskId)> payload_of) {
  return [=](RankId rank, Instant start) {
    return std::make_unique<PayloadSource>(EvenSource(start, 1, rank == RankId(0) ? count : 0, 0ns),
                                           payload_of);
  };
}

TEST(NodeAgentAndFailures, TriesAFailedTaskAgainAndCountsItOnce) {
  VirtualCluster::Options options{.rank_count = 3};
  options.agent.max_retries = 2;
  options.script = [](const TaskHeader& task, RankId) {
    return ScriptedRun{1ms, task.id.value() % 10 == 0 && task.attempt <= 2};
  };
  VirtualCluster cluster(options, spread(3), first_submits(100, 1ms));
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(completed_once(cluster, 3), 100u);
  EXPECT_EQ(cluster.agent(0).counts().failed, 0u);
  EXPECT_EQ(cluster.agent(0).counts().retried, 20u);
}

TEST(NodeAgentAndFailures, ReportsATaskAsFailedWhenItsRetriesAreUsedUp) {
  VirtualCluster::Options options{.rank_count = 2};
  options.agent.max_retries = 1;
  options.script = [](const TaskHeader& task, RankId) {
    return ScriptedRun{1ms, task.id == TaskId(5)};
  };
  VirtualCluster cluster(options, spread(3), first_submits(10, 1ms));
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(completed_once(cluster, 2), 10u);
  EXPECT_EQ(cluster.agent(0).counts().failed, 1u);
  for (const CompletedTask& task : cluster.sink(0).completed) {
    EXPECT_EQ(task.status == TaskStatus::kFailed, task.header.id == TaskId(5));
    if (task.header.id == TaskId(5)) {
      EXPECT_EQ(task.header.attempt, 2u);
    }
  }
}

TEST(NodeAgentAndFailures, ReportsATaskThatCannotBeSerializedAsFailedAndLosesNothing) {
  for (const bool stolen : {false, true}) {
    const auto unserializable = std::make_shared<Unserializable>();
    VirtualCluster cluster({.rank_count = 3}, stolen ? at_home(true) : always(1),
                           first_submits_with(100, [&](TaskId id) {
                             return id.value() % 10 == 0 ? Payload(unserializable) : Payload();
                           }));
    ASSERT_TRUE(cluster.run());
    EXPECT_EQ(completed_once(cluster, 3), 100u);
    std::uint64_t failed = 0;
    for (const CompletedTask& task : cluster.sink(0).completed) {
      if (task.status == TaskStatus::kDone) continue;
      ++failed;
      EXPECT_EQ(task.header.id.value() % 10, 0u);
      EXPECT_EQ(task.node, RankId(0)) << "where it could not be sent out";
      EXPECT_EQ(task.result, bytes_of("std::range_error: too wide"));
      EXPECT_FALSE(task.moved);
    }
    EXPECT_EQ(cluster.agent(0).counts().failed, failed);
    if (stolen) {
      EXPECT_GT(failed, 0u);
    } else {
      EXPECT_EQ(failed, 10u);
    }
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(cluster.agent(0).cluster().node(RankId(i)).own_in_flight, 0u);
    }
  }
}

// Can be serialized from the third time on.
class Reluctant final : public PayloadObject {
 public:
  Bytes serialize() const override {
    if (++attempts < 3) throw std::bad_alloc();
    return Bytes(8);
  }
  mutable int attempts = 0;
};

TEST(NodeAgentAndFailures, TriesToSerializeATaskAgainAsOftenAsItMayFail) {
  for (const int max_retries : {0, 1, 2}) {
    VirtualCluster::Options options{.rank_count = 2};
    options.agent.max_retries = max_retries;
    VirtualCluster cluster(options, always(1), first_submits_with(5, [](TaskId) {
                             return Payload(std::make_shared<Reluctant>());
                           }));
    ASSERT_TRUE(cluster.run());
    EXPECT_EQ(completed_once(cluster, 2), 5u);
    EXPECT_EQ(cluster.agent(0).counts().retried, 5u * max_retries);
    EXPECT_EQ(cluster.agent(0).counts().failed, max_retries < 2 ? 5u : 0u);
  }
}

TEST(NodeAgentAndFailures, RunsATaskThatCannotBeSerializedWhereItIs) {
  VirtualCluster cluster({.rank_count = 2}, at_home(false), first_submits_with(5, [](TaskId) {
                           return Payload(std::make_shared<Unserializable>());
                         }));
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(cluster.agent(0).counts().completed, 5u);
  EXPECT_EQ(cluster.agent(0).counts().failed, 0u);
}

// To the nodes in turn, but for the suspects and for the home itself.
VirtualCluster::PolicyMaker away_from_home() {
  class Turns final : public Policy {
   public:
    RankId place(const TaskView&, const ClusterView& cluster) override {
      do {
        turn_ = (turn_ + 1) % cluster.nodes.size();
      } while (cluster.nodes[turn_].rank == cluster.self || capacity(cluster.nodes[turn_]) <= 0);
      return cluster.nodes[turn_].rank;
    }

   private:
    std::size_t turn_ = 0;
  };
  return [](RankId) { return std::make_unique<Turns>(); };
}

// Where ranks may die. One of the tasks of rank 0 takes its rank with it as soon as it begins.
class PoisonedCluster {
 public:
  explicit PoisonedCluster(TaskId poison)
      : cluster_(options_with(poison), away_from_home(), first_submits(40, 200ms)) {}

  bool run() {
    return cluster_.run_until([this] { return cluster_.sink(0).completed.size() == 40; }, 1min);
  }
  const std::set<RankId>& dead() const { return dead_; }
  const std::vector<CompletedTask>& completed() const { return cluster_.sink(0).completed; }

 private:
  VirtualCluster::Options options_with(TaskId poison) {
    VirtualCluster::Options options{.rank_count = 9};
    options.script = [this, poison](const TaskHeader& task, RankId rank) {
      if (task.id == poison) dead_.insert(rank);
      return ScriptedRun{.service = 10ms};
    };
    options.frozen = [this](RankId rank, Instant) { return dead_.contains(rank); };
    options.agent.survival = SurvivalOptions{};
    return options;
  }

  std::set<RankId> dead_;
  VirtualCluster cluster_;
};

TEST(NodeAgentAndFailures, GivesATaskUpThatTakesOneRankAfterTheOtherAndNoOtherTask) {
  const TaskId poison(7);
  PoisonedCluster cluster(poison);
  ASSERT_TRUE(cluster.run());
  EXPECT_EQ(cluster.dead().size(), 3U);
  for (const CompletedTask& task : cluster.completed()) {
    const bool failed = task.status == TaskStatus::kFailed;
    ASSERT_EQ(failed, task.header.id == poison);
    if (!failed) continue;
    const std::string why = text_of(task.result);
    EXPECT_NE(why.find("has died with this task, as 2 others before"), std::string::npos) << why;
  }
}

TEST(NodeAgentAndFailures, GivesTheTasksOfARankThatLeavesToOthersAndFailsThosePinnedThere) {
  bool has_left = false;
  VirtualCluster::Options options{.rank_count = 3};
  options.agent.suspicion.after = 0s;  // As in sessions.
  options.script = [](const TaskHeader&, RankId) { return ScriptedRun{.service = 10ms}; };
  options.frozen = [&](RankId rank, Instant) { return has_left && rank == RankId(2); };
  VirtualCluster cluster(options, away_from_home(), first_submits(40, 2ms));
  const auto& completed = cluster.sink(0).completed;
  ASSERT_TRUE(cluster.run_until([&] { return completed.size() >= 10; }, 1s));
  Task pinned;
  pinned.header.id = TaskId(1000);
  ASSERT_TRUE(cluster.agent(0).submit(pinned, cluster.now(), RankId(2)));
  for (const int to : {0, 1}) cluster.inject(RankId(2), RankId(to), Farewell{.waits = false});
  has_left = true;
  ASSERT_TRUE(cluster.run_until([&] { return completed.size() == 41; }, 10s));
  EXPECT_EQ(completed_once(cluster, 3), 41U);
  EXPECT_GT(cluster.agent(0).counts().reissued, 0U);
  for (const CompletedTask& task : completed) {
    const bool failed = task.status == TaskStatus::kFailed;
    ASSERT_EQ(failed, task.header.id == TaskId(1000));
    if (!failed) continue;
    EXPECT_NE(text_of(task.result).find("rank 2 has ended its session"), std::string::npos);
  }
}

// The news of it may be lost with the rank that was to bring it.
TEST(NodeAgentAndFailures, HearsByAFarewellThatAnEpochHasEnded) {
  bool has_left = false;
  VirtualCluster::Options options{.rank_count = 2};
  options.frozen = [&](RankId rank, Instant) { return has_left && rank == RankId(0); };
  VirtualCluster cluster(options, spread(1), each_submits(0, 1ms));
  cluster.inject(RankId(0), RankId(1), Farewell{.ended_epochs = 1});
  has_left = true;
  EXPECT_TRUE(cluster.run_until([&] { return cluster.agent(1).ended_epochs() == 1; }, 10s));
}

// The news of a move may come from a third rank.
TEST(NodeAgentAndFailures, GivesATaskElsewhereThatIsSaidToHaveMovedToARankThatLeft) {
  VirtualCluster::Options options{.rank_count = 3};
  options.agent.suspicion.after = 0s;
  options.script = [](const TaskHeader&, RankId rank) {
    return ScriptedRun{.service = rank == RankId(1) ? Duration(1h) : Duration(10ms)};
  };
  bool has_left = false;
  options.frozen = [&](RankId rank, Instant) { return has_left && rank == RankId(2); };
  VirtualCluster cluster(options, always(1), first_submits(1, 1ms));
  ASSERT_TRUE(
      cluster.run_until([&] { return cluster.executor(1).load(Instant{}).running == 1; }, 1s));
  cluster.inject(RankId(2), RankId(0), Farewell{});
  has_left = true;
  const auto knows = [&] { return cluster.agent(0).has_left(RankId(2)); };
  ASSERT_TRUE(cluster.run_until(knows, 2s));
  cluster.inject(RankId(1), RankId(0), MovedBatch{RankId(2), {{TaskId(1), 1}}});
  ASSERT_TRUE(cluster.run_until([&] { return cluster.agent(0).counts().reissued == 1; }, 3s));
}

TEST(NodeAgentAndFailures, LetsNobodyLeaveBeforeTheResultIsToldBySomebody) {
  std::set<RankId> dead;
  std::vector<RankId> told;
  VirtualCluster::Options options{.rank_count = 4};
  options.agent.survival = SurvivalOptions{};
  options.frozen = [&](RankId rank, Instant) { return dead.contains(rank); };
  // The first one dies of it.
  options.conclude = [&](RankId rank) {
    told.push_back(rank);
    if (dead.empty()) dead.insert(rank);
  };
  VirtualCluster cluster(options, spread(1), first_submits(5, 1ms));
  const auto others_have_finished = [&cluster] {
    return cluster.agent(1).finished() && cluster.agent(2).finished() &&
           cluster.agent(3).finished();
  };
  ASSERT_TRUE(cluster.run_until(others_have_finished, 20s));
  EXPECT_EQ(told, (std::vector{RankId(0), RankId(1)}));
}

}  // namespace
}  // namespace weir
