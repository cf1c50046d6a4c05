#include "runtime/exec/task_group.hpp"

#include <sched.h>

#include <stdexcept>

namespace weir {

TaskGroup::TaskGroup(TaskContext& context)
    : context_(context), floor_(context.desk().deque.position()) {
  if (context.desk().owner == kNoWorker) {
    throw std::logic_error(
        "a group of tasks where nothing can wait for it\n"
        "  found   a TaskGroup in an immediate task\n"
        "  needed  a task that a worker runs\n"
        "  try     the same kind without `immediate`, or TaskContext::spawn");
  }
}

void TaskGroup::wait() {
  if (!is_done()) finish();
  cancelled_.store(false, std::memory_order_relaxed);
  thrown_ = failed_.load(std::memory_order_relaxed);
  if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
}

void TaskGroup::finish() {
  while (!is_done()) {
    if (!context_.run_newest(floor_)) return sleep_until_done();
  }
}

// Nothing is left on this worker: what is not done runs elsewhere, or waits beneath on this stack.
// From here on the others' count is the whole one whenever the owner looks, so that whoever brings
// it to zero knows that the owner may sleep.
void TaskGroup::sleep_until_done() {
  others_.fetch_add(kWaits, std::memory_order_relaxed);
  const auto is_over = [this] {
    if (own_ != 0) {
      others_.fetch_add(own_, std::memory_order_acq_rel);
      own_ = 0;
    }
    return others_.load(std::memory_order_acquire) == kWaits;
  };
  // Where the executor ends, the group still does: its tasks hold what lies on this stack.
  while (!context_.help(Predicate::from(is_over), floor_)) sched_yield();
  others_.fetch_sub(kWaits, std::memory_order_relaxed);
}

void TaskGroup::end_one_elsewhere() {
  // The group may be gone as soon as its last task is counted.
  const Wakeup owner = context_.wakeup();
  if (others_.fetch_sub(1, std::memory_order_acq_rel) == kWaits + 1) owner.wake();
}

void TaskGroup::keep_exception() {
  if (failed_.fetch_add(1, std::memory_order_relaxed) == thrown_) error_ = std::current_exception();
}

}  // namespace weir
