#include "runtime/exec/task_exchange.hpp"

#include <iterator>
#include <utility>

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

void TaskExchange::take_ended(std::vector<TaskEnd>& ended) {
  {
    const std::lock_guard lock(mutex_);
    taken_.swap(ended_);
  }
  ended.insert(ended.end(), std::make_move_iterator(taken_.begin()),
               std::make_move_iterator(taken_.end()));
  taken_.clear();
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

TaskExchange::Posted TaskExchange::post(TaskEnd end, std::size_t domain) {
  bool first = false;
  Posted posted;
  {
    const std::lock_guard lock(mutex_);
    posted.lets_another_start = end_running(end.task_class, domain);
    first = append(std::move(end));
  }
  if (first && notify_) notify_();
  return posted;
}

TaskExchange::Posted TaskExchange::post_and_take(TaskEnd end, QueuedTask& task,
                                                 std::size_t domain) {
  bool first = false;
  Posted posted;
  {
    const std::lock_guard lock(mutex_);
    const bool freed = end_running(end.task_class, domain);
    first = append(std::move(end));
    posted.has_next = pop(task, domain);
    posted.lets_another_start = freed && has_next(domain);
  }
  if (first && notify_) notify_();
  return posted;
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

bool TaskExchange::append(TaskEnd end) {
  ended_.push_back(std::move(end));
  return ended_.size() == 1;
}

bool TaskExchange::end_running(ClassId task_class, std::size_t domain) {
  const bool was_below = (running_.below_limit(domain) & mask_of(task_class)) != 0;
  running_.on_end(task_class, domain);
  const ClassMask freed = running_.below_limit(domain) & mask_of(task_class);
  if (was_below || (queues_.filled() & freed) == 0) return false;
  has_next_[domain].store(true, std::memory_order_seq_cst);
  return true;
}

bool TaskExchange::pop(QueuedTask& task, std::size_t domain) {
  if (!queues_.pop_next(task, running_.below_limit(domain), running_, domain)) return false;
  const ClassId task_class = task.task.header.task_class;
  running_.on_start(task_class, domain);
  task.running_alike = running_.count(task_class, domain);
  update_has_next(std::memory_order_relaxed);
  return true;
}

void TaskExchange::update_has_next(std::memory_order order) {
  for (std::size_t i = 0; i < has_next_.size(); ++i) has_next_[i].store(has_next(i), order);
}

}  // namespace weir
