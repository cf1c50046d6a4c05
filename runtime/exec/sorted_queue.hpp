// Waiting tasks sorted by what they say of themselves: shortest expected first (SJF; Conway,
// Maxwell and Miller, Theory of Scheduling, 1967), or earliest deadline first (EDF; Liu and
// Layland, J. ACM 20, 1973). Both without preemption: what runs is never interrupted.
//
// A higher priority goes first in any case, and equal keys in the order they came. Shortest first
// lets long tasks wait as long as shorter ones keep coming. A task without a cost hint counts as
// long as the mean hint of its class here so far, and as the longest of all while its class has
// given none. A task without a deadline runs after those that have one.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/exec/class_queues.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

enum class SortKey { kCostHint, kDeadline };

// One thread at a time. push() and pop() take logarithmic time, beside one step per class.
class SortedQueue {
 public:
  explicit SortedQueue(SortKey key) : key_(key) {}

  void push(Task task, Instant now);
  // The first of the classes named. False when none of them waits.
  bool pop(QueuedTask& task, ClassMask of = kAllClasses);
  // Those of the classes named that would run last, in the order they would have run; pinned ones
  // and those handed over before stay. One step per class for each task taken or passed over.
  std::vector<Task> take_back(std::size_t most, ClassMask of = kAllClasses);

  std::size_t size() const { return size_; }
  std::size_t size(ClassId task_class) const { return classes_[task_class.value()].size(); }
  // The classes of which something waits.
  ClassMask filled() const { return filled_; }

 private:
  // The least one runs first.
  struct Place {
    std::uint8_t reversed_priority;
    std::int64_t key;
    std::uint64_t sequence;
    auto operator<=>(const Place&) const = default;
  };
  using ClassQueue = std::map<Place, QueuedTask>;
  struct Hints {
    std::uint64_t count = 0;
    double mean_ns = 0;
  };

  // A task of that class has left.
  void count_out(std::size_t task_class);
  std::int64_t key_of(const TaskHeader& task);
  std::int64_t expected_ns(const TaskHeader& task);

  SortKey key_;
  std::array<ClassQueue, kMaxClasses> classes_;
  ClassMask filled_ = 0;
  std::size_t size_ = 0;
  std::array<Hints, kMaxClasses> hints_{};
  std::uint64_t next_sequence_ = 0;
};

}  // namespace weir
