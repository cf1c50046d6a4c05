// A simulated world that is played to its end, and how its tasks ended.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include "runtime/sim/simulation.hpp"

namespace weir {

// Two journals are equal when the same tasks ended in the same order, at the same nodes and times,
// and every message was the same.
class TaskJournal : public SimulationSink {
 public:
  struct Ended {
    TaskId id;
    RankId node;
    SimTime at;
    Duration response;
    bool operator==(const Ended&) const = default;
  };

  void on_completed(const CompletedTask& task, SimTime now) override {
    EXPECT_TRUE(ids_.insert(task.header.id).second) << "a task completed twice";
    ended_.push_back({task.header.id, task.node, now, task.response});
  }

  // Once its world is done.
  void close(const Simulation& world) { messages_ = world.journal(); }

  bool operator==(const TaskJournal& other) const {
    return messages_ == other.messages_ && ended_ == other.ended_;
  }

  bool completed(TaskId id) const { return ids_.contains(id); }
  std::size_t task_count() const { return ended_.size(); }
  // Completed at this node.
  std::size_t task_count_at(int node) const {
    return static_cast<std::size_t>(std::ranges::count(ended_, RankId(node), &Ended::node));
  }
  std::size_t completed_between(Duration from, Duration to) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        ended_, [&](const Ended& e) { return e.at >= SimTime(from) && e.at < SimTime(to); }));
  }

  // When the last task was complete, of all and of those of one node; zero without any.
  Duration end() const { return ended_.empty() ? Duration(0) : ended_.back().at - SimTime{}; }
  Duration end_at(int node) const {
    Duration last{0};
    for (const Ended& task : ended_) {
      if (task.node == RankId(node)) last = task.at - SimTime{};
    }
    return last;
  }

  Duration longest_response() const {
    Duration longest{0};
    for (const Ended& task : ended_) longest = std::max(longest, task.response);
    return longest;
  }
  double mean_response_s() const {
    double sum = 0;
    for (const Ended& task : ended_) sum += to_seconds(task.response);
    return sum / static_cast<double>(ended_.size());
  }

 private:
  std::set<TaskId> ids_;
  std::vector<Ended> ended_;
  std::uint64_t messages_ = 0;
};

}  // namespace weir
