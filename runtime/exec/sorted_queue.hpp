// Waiting tasks sorted by what they say of themselves: shortest expected first (SJF; Conway,
// Maxwell and Miller, Theory of Scheduling, 1967), or earliest deadline first (EDF; Liu and
// Layland, J. ACM 20, 1973). Both without preemption: what runs is never interrupted.
//
// A higher priority goes first in any case, and equal keys in the order they came. Shortest first
// lets long tasks wait as long as shorter ones keep coming. A task without a cost hint counts as
// long as the mean hint of its class here so far, and as the longest of all while its class has
// given none. A task without a deadline runs after those that have one.
//
// A class may have an order of its own. Each of its tasks brings a turn, which has the place that
// the common order gives the task. Which class goes next is decided among the first turns, so that
// the classes alternate as if none had an order of its own; which of its tasks a class then runs is
// decided by its own order. So nobody gains or loses turns by the order of a class: a class that
// runs its short tasks first is neither passed over because they came late, nor does a long one
// that it leaves behind claim turn after turn. The first turn and the first task have the same
// priority: both go by that first, and there are as many turns of each priority as tasks.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/exec/class_queues.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

enum class SortKey { kArrival, kCostHint, kDeadline };

using ClassSortKeys = std::array<SortKey, kMaxClasses>;

// One thread at a time. push() and pop() take logarithmic time, beside one step per class.
class SortedQueue {
 public:
  explicit SortedQueue(SortKey common);
  SortedQueue(SortKey common, const ClassSortKeys& of_class)
      : common_key_(common), class_keys_(of_class) {}

  void push(Task task, Instant now);
  // The first of the classes named. False when none of them waits.
  bool pop(QueuedTask& task, ClassMask of = kAllClasses);
  // As in ClassQueues; of equal depth the first in the order of their class. It uses up the first
  // turn of its class and priority.
  bool pop_deeper(QueuedTask& task, ClassMask of, int than);
  int deepest(ClassMask of) const;
  // Those of the classes named that would run last, in the order they would have run; pinned ones
  // and those handed over before stay. One step per class for each task taken or passed over.
  std::vector<Task> take_back(std::size_t most, ClassMask of = kAllClasses);

  std::size_t size() const { return size_; }
  std::size_t size(ClassId task_class) const { return classes_[task_class.value()].tasks.size(); }
  // The classes of which something waits.
  ClassMask filled() const { return filled_; }
  // The highest that waits of the classes named; -1: nothing of them does.
  int top_priority(ClassMask of) const;

 private:
  // The least one runs first.
  struct Place {
    std::uint8_t reversed_priority;
    std::int64_t key;
    std::uint64_t sequence;
    auto operator<=>(const Place&) const = default;
  };
  struct ClassQueue {
    std::map<Place, QueuedTask> tasks;
    // As many as tasks; empty where the class has the common order: then a task's place is its
    // turn.
    std::set<Place> turns;
    // Of those that tasks submitted, by priority and depth.
    std::map<std::uint8_t, std::map<std::uint16_t, std::set<Place>>> nested;

    const Place& first_turn() const {
      return turns.empty() ? tasks.begin()->first : *turns.begin();
    }
  };
  struct Tail;
  struct Hints {
    std::uint64_t count = 0;
    double mean_ns = 0;
  };

  // A task of that class has left its place.
  void count_out(const TaskHeader& task, const Place& place);
  std::int64_t key_of(const TaskHeader& task, SortKey key);
  std::int64_t expected_ns(const TaskHeader& task);

  SortKey common_key_;
  ClassSortKeys class_keys_;
  std::array<ClassQueue, kMaxClasses> classes_;
  ClassMask filled_ = 0;
  std::size_t size_ = 0;
  std::array<Hints, kMaxClasses> hints_{};
  std::uint64_t next_sequence_ = 0;
};

}  // namespace weir
