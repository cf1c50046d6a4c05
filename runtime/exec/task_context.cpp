#include "runtime/exec/task_context.hpp"

#include <stdexcept>
#include <utility>

#include "runtime/exec/parking_lot.hpp"
#include "runtime/exec/task_group.hpp"

namespace weir {

thread_local constinit TaskContext* TaskContext::current_ = nullptr;

void Wakeup::wake() const {
  if (lot_ != nullptr) lot_->wake_worker(worker_);
}

bool TaskContext::help(Predicate done, std::int64_t /*floor*/) {
  if (done()) return true;
  throw std::logic_error(
      "a task waits where nothing can run meanwhile\n"
      "  found   a wait in an immediate task\n"
      "  needed  a task that a worker runs\n"
      "  try     the same kind without `immediate`");
}

void TaskContext::perform(SpawnFrame& frame) {
  TaskGroup* group = frame.group;
  const std::uint16_t depth_beneath = std::exchange(desk_->depth, frame.depth);
  const bool is_wanted = group == nullptr || !group->is_cancelled();
  try {
    frame.act(frame, is_wanted ? this : nullptr);
  } catch (...) {
    fail(frame);
  }
  desk_->depth = depth_beneath;
  // In this order: who waits for the group finds the task counted.
  SpawnTally::count(desk_->tally.finished);
  desk_->give_back(frame);
  if (group != nullptr) group->end_one(*this);
}

void TaskContext::fail(const SpawnFrame& frame) {
  SpawnTally::count(desk_->tally.failed);
  if (frame.group != nullptr) {
    frame.group->keep_exception();
  } else {
    report_failure(frame.task_class);
  }
}

void TaskContext::refuse_thread() {
  throw std::logic_error(
      "a task is spawned where none runs\n"
      "  found   TaskGroup::spawn on a thread that is no worker\n"
      "  needed  the task that made the group, or one of its tasks\n"
      "  try     Session::submit for work from other threads");
}

}  // namespace weir
