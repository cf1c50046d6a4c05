// Spawned tasks that somebody waits for.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

#include "runtime/base/ids.hpp"
#include "runtime/exec/task_context.hpp"

namespace weir {

// Belongs to the task that made it, which alone waits for it and ends its life; spawn, cancel and
// is_cancelled are also for the tasks of the group, on whatever worker they run. A group whose
// tasks all run on its own worker costs no locked instruction but those of the deque.
class TaskGroup {
 public:
  // Throws std::logic_error in an immediate task, which may not wait.
  explicit TaskGroup(TaskContext& context);
  // Waits. An exception that nobody has waited for is dropped here; it has been counted.
  ~TaskGroup() {
    if (!is_done()) finish();
  }
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Runs `body(TaskContext&)` as TaskContext::spawn does.
  template <typename Body>
  void spawn(Body&& body, ClassId task_class = ClassId(0)) {
    TaskContext& here = TaskContext::current();
    SpawnFrame& frame = here.desk().make(std::forward<Body>(body), task_class, this);
    if (&here == &context_) {
      ++own_;
      // The deque may have sunk since: what is put up now lies above this.
      floor_ = std::min(floor_, here.desk().deque.position());
    } else {
      others_.fetch_add(1, std::memory_order_relaxed);
    }
    here.put_up(frame);
  }

  // Until every task of the group has ended, those that they spawned into it included; runs other
  // tasks meanwhile (see TaskContext::help_until, whose bounds hold here too). Then throws the
  // first exception that one of them threw, if any did, and the group may be used again, cancelled
  // or not before.
  void wait();

  // What has not started is dropped: its body ends its life without having run, and counts as
  // finished. What runs runs on, and may look at is_cancelled(). Holds until the next wait() ends.
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool is_cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  // Tasks of the group that threw, ever; once the group is waited for.
  std::uint64_t failed_count() const { return failed_.load(std::memory_order_relaxed); }

  // For who runs a task of the group: keeps the exception being handled; and, as the last thing
  // done with the group, counts the task as ended.
  void keep_exception();
  void end_one(const TaskContext& where) {
    if (&where == &context_) {
      --own_;
    } else {
      end_one_elsewhere();
    }
  }

 private:
  // Added to others_ while the owner may sleep.
  static constexpr std::int64_t kWaits = std::int64_t{1} << 62;

  // The two counts mean something only together: one task may be spawned here and end elsewhere.
  bool is_done() const { return own_ + others_.load(std::memory_order_acquire) == 0; }
  void end_one_elsewhere();
  void finish();
  void sleep_until_done();

  TaskContext& context_;
  // Its tasks that wait at the owner's worker lie above this position of the deque.
  std::int64_t floor_;
  std::int64_t own_ = 0;                 // spawned less ended on the owner's worker
  std::atomic<std::int64_t> others_{0};  // on all others
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<bool> cancelled_{false};
  std::exception_ptr error_;  // of the first that failed
  std::uint64_t thrown_ = 0;  // of failed_, those that wait() knows of
};

}  // namespace weir
