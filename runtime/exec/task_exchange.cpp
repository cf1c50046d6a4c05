#include "runtime/exec/task_exchange.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/exec/end_watch.hpp"

namespace weir {

void TaskExchange::enqueue(std::vector<Task> tasks, Instant now) {
  const std::lock_guard lock(mutex_);
  for (Task& task : tasks) queues_.push(std::move(task), now);
  update_has_next(std::memory_order_seq_cst);
}

void TaskExchange::set_class_limits(const ClassLimits& limits) {
  const std::lock_guard lock(mutex_);
  running_.set_limits(limits);
  update_has_next(std::memory_order_seq_cst);
}

std::vector<Task> TaskExchange::take_back(std::size_t most, ClassMask of) {
  const std::lock_guard lock(mutex_);
  std::vector<Task> taken = queues_.take_back(most, of);
  update_has_next(std::memory_order_relaxed);
  return taken;
}

std::optional<QueuedTask> TaskExchange::take_deepest() {
  const std::lock_guard lock(mutex_);
  const int deepest = queues_.deepest(kAllClasses);
  QueuedTask task;
  if (deepest == 0 || !queues_.pop_deeper(task, kAllClasses, running_, 0, deepest - 1)) {
    return std::nullopt;
  }
  update_has_next(std::memory_order_relaxed);
  return task;
}

bool TaskExchange::take_ended(std::vector<TaskEnd>& ended) {
  bool has_more = false;
  {
    const std::lock_guard lock(mutex_);
    taken_.swap(ended_);
    told_patience_ = kNotTold;
    due_ = kNever;
    has_more = has_task_for_each();
  }
  ended.insert(ended.end(), std::make_move_iterator(taken_.begin()),
               std::make_move_iterator(taken_.end()));
  taken_.clear();
  return has_more;
}

void TaskExchange::add_load(ExecutorLoad& load) const {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < load.classes.size(); ++i) {
    const ClassId task_class(static_cast<std::uint8_t>(i));
    const auto queued = static_cast<std::uint32_t>(queues_.size(task_class));
    const std::uint32_t running = running_.count(task_class);
    load.classes[i].queued += queued;
    load.classes[i].running += running;
    load.classes[i].limit = running_.node_limit(task_class);
    load.queued += queued;
    load.running += running;
  }
}

bool TaskExchange::take(QueuedTask& task, std::size_t domain) {
  if (!has_next_[domain].load(std::memory_order_relaxed)) return false;
  const std::lock_guard lock(mutex_);
  return pop(task, domain);
}

bool TaskExchange::take_deeper(QueuedTask& task, std::size_t domain, int than) {
  if (!has_deeper(domain, than)) return false;
  const std::lock_guard lock(mutex_);
  if (!queues_.pop_deeper(task, running_.startable(domain), running_, domain, than)) return false;
  note_start(task, domain);
  return true;
}

TaskExchange::Posted TaskExchange::post(TaskEnd end, std::size_t domain) {
  bool calls = false;
  Posted posted;
  {
    const std::lock_guard lock(mutex_);
    posted.lets_another_start = end_running(end.task_class, domain);
    ended_.push_back(std::move(end));
    calls = becomes_more_urgent(Duration::zero());
  }
  if (calls) call(Duration::zero());
  return posted;
}

TaskExchange::Posted TaskExchange::post_and_take(TaskEnd end, Instant now, QueuedTask& task,
                                                 std::size_t domain) {
  bool calls = false;
  Posted posted;
  Duration patience{0};
  {
    const std::lock_guard lock(mutex_);
    const bool freed = end_running(end.task_class, domain);
    posted.has_next = pop(task, domain);
    posted.lets_another_start = freed && has_next(domain);
    if (calls_.within && posted.has_next && has_task_for_each()) patience = leave(end, now);
    ended_.push_back(std::move(end));
    calls = becomes_more_urgent(patience);
  }
  if (calls) call(patience);
  return posted;
}

// How long the control thread may leave the end, and those before it. While the next one is
// expected in time, it can be that which calls.
Duration TaskExchange::leave(const TaskEnd& end, Instant now) {
  due_ = std::min(due_, now + patience_for(end));
  return now + end.service <= due_ ? kEndTick : std::max(due_ - now, Duration::zero());
}

bool TaskExchange::step_aside(ClassId task_class, std::size_t domain) {
  const std::lock_guard lock(mutex_);
  return end_running(task_class, domain);
}

void TaskExchange::step_back(ClassId task_class, std::size_t domain) {
  const std::lock_guard lock(mutex_);
  running_.on_start(task_class, domain);
  update_has_next(std::memory_order_relaxed);
}

bool TaskExchange::becomes_more_urgent(Duration patience) {
  if (patience >= told_patience_) return false;
  told_patience_ = patience;
  return true;
}

void TaskExchange::call(Duration patience) const {
  if (patience > Duration::zero()) {
    calls_.within(patience);
  } else if (calls_.at_once) {
    calls_.at_once();
  }
}

bool TaskExchange::has_task_for_each() const {
  ClassMask startable = kAllClasses;
  for (std::size_t domain = 0; domain < has_next_.size(); ++domain) {
    startable &= running_.startable(domain);
  }
  const ClassMask waiting = queues_.filled();
  if ((waiting & ~startable) == 0) return queues_.size() >= worker_count_;
  std::size_t count = 0;
  for (std::size_t i = 0; i < kMaxClasses; ++i) {
    const ClassId task_class(static_cast<std::uint8_t>(i));
    if ((waiting & startable & mask_of(task_class)) != 0) count += queues_.size(task_class);
  }
  return count >= worker_count_;
}

bool TaskExchange::end_running(ClassId task_class, std::size_t domain) {
  const ClassMask before = running_.startable(domain);
  running_.on_end(task_class, domain);
  const ClassMask freed = running_.startable(domain) & ~before;
  if ((queues_.filled() & freed) == 0) return false;
  has_next_[domain].store(true, std::memory_order_seq_cst);
  update_deepest(domain, std::memory_order_seq_cst);
  return true;
}

bool TaskExchange::pop(QueuedTask& task, std::size_t domain) {
  if (!queues_.pop_next(task, running_.startable(domain), running_, domain)) return false;
  note_start(task, domain);
  return true;
}

void TaskExchange::note_start(QueuedTask& task, std::size_t domain) {
  const ClassId task_class = task.task.header.task_class;
  running_.on_start(task_class, domain);
  task.running_alike = running_.count(task_class, domain);
  update_has_next(std::memory_order_relaxed);
}

void TaskExchange::update_has_next(std::memory_order order) {
  for (std::size_t i = 0; i < has_next_.size(); ++i) {
    has_next_[i].store(has_next(i), order);
    update_deepest(i, order);
  }
}

}  // namespace weir
