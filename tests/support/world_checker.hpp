// Looks on while a simulated world runs and sees whether it keeps its promises, event by event:
//
// - At any instant one node at most has an attempt of a task, queued or at work; and it runs once.
// - Without suspicion a task has one attempt, and so one owner.
// - A task completes once, by its current attempt; one that must not run twice never does.
// - No queue is longer than credit allows.
// - The run ends on no rank before the last task is complete.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "runtime/sim/simulation.hpp"
#include "tests/support/poisson_source.hpp"

namespace weir {

class WorldChecker final : public SimulationSink {
 public:
  struct Limits {
    std::uint64_t most_queued = ~std::uint64_t{0};
  };
  explicit WorldChecker(const Limits& limits) : limits_(limits) {}

  // Before the world is made from them.
  void look_at(SimulationOptions& options) {
    options.observe_executor = [this](RankId node, std::unique_ptr<Executor> executor) {
      return std::make_unique<WatchedExecutor>(std::move(executor), node, *this);
    };
  }
  // Before it runs.
  void look_at(Simulation& world) { world_ = &world; }

  void on_submitted(const TaskHeader& task) {
    EXPECT_TRUE(submitted_.insert(task.id).second) << "an id was given twice";
  }

  void on_completed(const CompletedTask& task, SimTime) override {
    const TaskHeader& header = task.header;
    EXPECT_TRUE(submitted_.contains(header.id));
    EXPECT_TRUE(completed_.insert(header.id).second) << "a task completed twice";
    EXPECT_GE(header.attempt, newest_[header.id]) << "an attempt counted that was not the current";
    EXPECT_TRUE(ended_.contains({header.id, header.attempt})) << "it completed without having run";
    reissued_ += header.attempt - 1;
    Duration& longest = longest_[header.task_class.value()];
    longest = std::max(longest, task.response);
    for (int rank = 0; rank < world_->rank_count(); ++rank) {
      EXPECT_FALSE(world_->agent(RankId(rank)).finished()) << "the run ended too early";
    }
  }

  // When the world is done: `lost` tasks are known to be missing.
  void expect_settled(std::uint64_t lost = 0) const {
    EXPECT_EQ(submitted_.size(), completed_.size() + lost);
    std::uint64_t reissued = 0;
    std::uint64_t suspicions = 0;
    for (int rank = 0; rank < world_->rank_count(); ++rank) {
      reissued += world_->agent(RankId(rank)).counts().reissued;
      suspicions += world_->agent(RankId(rank)).counts().suspicions;
    }
    if (lost == 0) {
      EXPECT_EQ(reissued, reissued_) << "an attempt that its home knows nothing of";
    }
    if (suspicions == 0) {
      EXPECT_EQ(reissued, 0U);
    }
  }

  std::size_t submitted_count() const { return submitted_.size(); }
  std::size_t completed_count() const { return completed_.size(); }
  // The node that last had that task, queued, at work or done; kNoRank: none has had it, or it was
  // given away and has not arrived.
  RankId last_node(TaskId task) const {
    const auto last = last_nodes_.find(task);
    return last == last_nodes_.end() ? kNoRank : last->second;
  }
  std::vector<TaskId> incomplete() const {
    std::vector<TaskId> tasks;
    std::ranges::set_difference(submitted_, completed_, std::back_inserter(tasks));
    return tasks;
  }
  const std::map<std::uint8_t, Duration>& longest_responses() const { return longest_; }
  // Of all attempts that ran, those that no longer counted included: how many, and their service.
  std::size_t attempt_count() const { return ended_.size(); }
  Duration work() const { return work_; }
  Duration longest_service() const { return longest_service_; }

 private:
  using Attempt = std::pair<TaskId, std::uint32_t>;

  class WatchedExecutor final : public Executor {
   public:
    WatchedExecutor(std::unique_ptr<Executor> executor, RankId node, WorldChecker& checker)
        : executor_(std::move(executor)), node_(node), checker_(checker) {}

    int worker_count() const override { return executor_->worker_count(); }
    int promised_worker_count() const override { return executor_->promised_worker_count(); }
    std::vector<int> memory_domain_sizes() const override {
      return executor_->memory_domain_sizes();
    }
    void switch_on(bool on, Instant now) override { executor_->switch_on(on, now); }
    void enqueue(std::vector<Task> tasks, Instant now) override {
      for (const Task& task : tasks) checker_.on_held(task.header, node_);
      executor_->enqueue(std::move(tasks), now);
      EXPECT_LE(executor_->counts(now).queued, checker_.limits_.most_queued);
    }
    void take_ended(Instant now, std::vector<TaskEnd>& ended) override {
      const std::size_t before = ended.size();
      executor_->take_ended(now, ended);
      for (std::size_t i = before; i < ended.size(); ++i) checker_.on_ended(ended[i], node_);
    }
    std::vector<Task> take_back(std::size_t most, ClassMask of) override {
      std::vector<Task> taken = executor_->take_back(most, of);
      for (const Task& task : taken) checker_.on_let_go(task.header, node_);
      return taken;
    }
    void set_class_limits(const ClassLimits& limits, Instant now) override {
      executor_->set_class_limits(limits, now);
    }
    ExecutorLoad load(Instant now) const override { return executor_->load(now); }
    ExecutorCounts counts(Instant now) const override { return executor_->counts(now); }
    void append_running(std::vector<RunningTask>& running) const override {
      executor_->append_running(running);
    }
    SpawnCounts spawn_counts() const override { return executor_->spawn_counts(); }
    Instant next_end() const override { return executor_->next_end(); }

   private:
    std::unique_ptr<Executor> executor_;
    RankId node_;
    WorldChecker& checker_;
  };

  void on_held(const TaskHeader& task, RankId node) {
    const Attempt attempt{task.id, task.attempt};
    EXPECT_TRUE(held_.emplace(attempt, node).second) << "two nodes have one attempt";
    EXPECT_FALSE(ended_.contains(attempt)) << "an attempt is to run again";
    if ((task.flags & kNoRerun) != 0) {
      EXPECT_EQ(task.attempt, 1U) << "it must not run twice";
    }
    newest_[task.id] = std::max(newest_[task.id], task.attempt);
    if (task.attempt == newest_[task.id]) last_nodes_[task.id] = node;
  }
  void on_let_go(const TaskHeader& task, RankId node) {
    const auto held = held_.find({task.id, task.attempt});
    ASSERT_TRUE(held != held_.end() && held->second == node) << "it was not there";
    held_.erase(held);
    if (task.attempt == newest_[task.id]) last_nodes_[task.id] = kNoRank;
  }
  void on_ended(const TaskEnd& end, RankId node) {
    const auto held = held_.find({end.id, end.attempt});
    ASSERT_TRUE(held != held_.end() && held->second == node) << "it was not there";
    held_.erase(held);
    EXPECT_TRUE(ended_.insert({end.id, end.attempt}).second) << "an attempt ran twice";
    work_ += end.service;
    longest_service_ = std::max(longest_service_, end.service);
  }

  Limits limits_;
  Simulation* world_ = nullptr;
  std::set<TaskId> submitted_;
  std::set<TaskId> completed_;
  std::map<Attempt, RankId> held_;
  std::set<Attempt> ended_;
  std::map<TaskId, std::uint32_t> newest_;  // attempt that any node has had
  std::map<TaskId, RankId> last_nodes_;     // of that one
  std::map<std::uint8_t, Duration> longest_;
  Duration work_{0};
  Duration longest_service_{0};
  std::uint64_t reissued_ = 0;  // of completed tasks
};

// Poisson arrivals of one home; one task in `one_in` must not run twice, none where it is zero.
class CheckedSource final : public TaskSource {
 public:
  CheckedSource(const PoissonArrivals& arrivals, Instant start, WorldChecker& checker,
                std::uint64_t one_in = 0)
      : source_(arrivals, start), random_(arrivals.seed, 77), checker_(checker), one_in_(one_in) {}
  Instant next_due() const override { return source_.next_due(); }
  Task take() override {
    Task task = source_.take();
    if (one_in_ > 0 && random_.below(one_in_) == 0) task.header.flags |= kNoRerun;
    checker_.on_submitted(task.header);
    return task;
  }
  bool exhausted() const override { return source_.exhausted(); }

 private:
  PoissonSource source_;
  Random random_;
  WorldChecker& checker_;
  std::uint64_t one_in_;
};

}  // namespace weir
