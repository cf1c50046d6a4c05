// How many tasks of a home may be under way. Those that come from outside of tasks find room as
// long as all together are below the credit. Those that tasks submitted have as much again at each
// depth: a task may wait for deeper ones, which must not find that tasks which wait have used up
// all of it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "runtime/protocol/task.hpp"
#include "runtime/session/submissions.hpp"

namespace weir {

// For the control thread.
class HomeCredit {
 public:
  // At least 1.
  explicit HomeCredit(std::size_t most) : most_(most) {}

  // `in_flight`: all tasks of the home that are.
  bool has_room(std::uint16_t depth, std::size_t in_flight) const {
    if (in_flight < most_) return true;
    return depth > 0 && (depth >= of_depth_.size() || of_depth_[depth] < most_);
  }
  void on_begun(std::uint16_t depth) {
    if (depth == 0) return;
    if (depth >= of_depth_.size()) of_depth_.resize(std::size_t{depth} + 1);
    ++of_depth_[depth];
  }
  void on_completed(std::uint16_t depth) {
    if (depth > 0) --of_depth_[depth];
  }

 private:
  std::size_t most_;
  std::vector<std::size_t> of_depth_;
};

// Submissions that wait for room, first come first served at each depth. For the control thread.
class SubmissionBacklog {
 public:
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  void add(Submission submission) {
    const std::uint16_t depth = submission.task.header.depth;
    of_depth_[depth].push_back(std::move(submission));
    ++count_;
  }
  // Whether some of that depth wait.
  bool has(std::uint16_t depth) const { return count_ > 0 && of_depth_.contains(depth); }
  // Whether the first of some depth has room.
  template <typename HasRoom>
  bool has_some(HasRoom has_room) const {
    for (const auto& [depth, waiting] : of_depth_) {
      if (has_room(depth)) return true;
    }
    return false;
  }
  // Gives away the first ones of each depth for as long as `take(submission)` says that it has
  // taken it; then `taken()`.
  template <typename Take, typename Taken>
  void give(Take take, Taken taken) {
    for (auto one = of_depth_.begin(); one != of_depth_.end();) {
      std::deque<Submission>& waiting = one->second;
      while (!waiting.empty() && take(waiting.front())) {
        waiting.pop_front();
        --count_;
        taken();
      }
      one = waiting.empty() ? of_depth_.erase(one) : std::next(one);
    }
  }
  std::vector<Submission> close() {
    std::vector<Submission> left;
    for (auto& [depth, waiting] : of_depth_) {
      for (Submission& one : waiting) left.push_back(std::move(one));
    }
    of_depth_.clear();
    count_ = 0;
    return left;
  }

 private:
  std::map<std::uint16_t, std::deque<Submission>> of_depth_;  // none is empty
  std::size_t count_ = 0;
};

}  // namespace weir
