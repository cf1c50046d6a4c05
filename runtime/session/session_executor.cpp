#include "runtime/session/session_executor.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace weir {

void SessionExecutor::keep_back(bool on, Instant now) {
  keeps_back_ = on;
  if (on) {
    for (Task& task : inner_->take_back(std::numeric_limits<std::size_t>::max(), kAllClasses)) {
      kept_back_.push_back(std::move(task));
    }
  } else if (!kept_back_.empty()) {
    inner_->enqueue(std::exchange(kept_back_, {}), now);
  }
}

void SessionExecutor::enqueue(std::vector<Task> tasks, Instant now) {
  if (keeps_back_) {
    const auto waits = std::stable_partition(tasks.begin(), tasks.end(), [this](const Task& task) {
      return kinds_.contains(task.header.kind) && kinds_.is_immediate(task.header.kind);
    });
    std::move(waits, tasks.end(), std::back_inserter(kept_back_));
    tasks.erase(waits, tasks.end());
    if (tasks.empty()) return;
  }
  inner_->enqueue(std::move(tasks), now);
}

std::vector<Task> SessionExecutor::take_back(std::size_t most, ClassMask of) {
  std::vector<Task> taken;
  // From the tail, in the order they would have run: those that came last.
  std::size_t left = kept_back_.size();
  while (left > 0 && taken.size() < most) {
    Task& task = kept_back_[--left];
    const bool may_move = (task.header.flags & (kPinned | kHandedOver)) == 0 &&
                          (of & mask_of(task.header.task_class)) != 0;
    if (!may_move) continue;
    taken.push_back(std::move(task));
    kept_back_.erase(kept_back_.begin() + static_cast<std::ptrdiff_t>(left));
  }
  std::ranges::reverse(taken);
  if (taken.size() == most) return taken;
  std::vector<Task> more = inner_->take_back(most - taken.size(), of);
  std::move(taken.begin(), taken.end(), std::back_inserter(more));
  return more;
}

ExecutorLoad SessionExecutor::load(Instant now) const {
  ExecutorLoad load = inner_->load(now);
  for (const Task& task : kept_back_) ++load.classes[task.header.task_class.value()].queued;
  load.queued += static_cast<std::uint32_t>(kept_back_.size());
  return load;
}

ExecutorCounts SessionExecutor::counts(Instant now) const {
  ExecutorCounts counts = inner_->counts(now);
  counts.queued += static_cast<std::uint32_t>(kept_back_.size());
  return counts;
}

SpawnCounts SessionExecutor::spawn_counts() const {
  // Finished first: whatever was finished by then had been counted as started before. And the
  // workers' own before the promises: a spawned task promises before it ends.
  const std::uint64_t kept = promises_.kept();
  SpawnCounts counts = inner_->spawn_counts();
  counts.finished += kept;
  counts.started += promises_.made();
  return counts;
}

}  // namespace weir
