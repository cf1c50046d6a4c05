#include "runtime/exec/task_exchange.hpp"

#include <iterator>
#include <utility>

namespace weir {

void TaskExchange::enqueue(std::vector<Task> tasks, Instant now) {
  const std::lock_guard lock(mutex_);
  for (Task& task : tasks) queues_.push(std::move(task), now);
  queued_count_.store(queues_.size(), std::memory_order_seq_cst);
}

std::vector<Task> TaskExchange::take_back(std::size_t most) {
  const std::lock_guard lock(mutex_);
  std::vector<Task> taken = queues_.take_back(most);
  queued_count_.store(queues_.size(), std::memory_order_relaxed);
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
  for (std::size_t i = 0; i < running_.size(); ++i) {
    const auto queued =
        static_cast<std::uint32_t>(queues_.size(ClassId(static_cast<std::uint8_t>(i))));
    load.classes[i].queued += queued;
    load.classes[i].running += running_[i];
    load.queued += queued;
    load.running += running_[i];
  }
}

bool TaskExchange::take(QueuedTask& task) {
  if (queued_count_.load(std::memory_order_relaxed) == 0) return false;
  const std::lock_guard lock(mutex_);
  return pop(task);
}

void TaskExchange::post(TaskEnd end) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = append(std::move(end));
  }
  if (first && notify_) notify_();
}

bool TaskExchange::post_and_take(TaskEnd end, QueuedTask& task) {
  bool first = false;
  bool has_next = false;
  {
    const std::lock_guard lock(mutex_);
    first = append(std::move(end));
    has_next = pop(task);
  }
  if (first && notify_) notify_();
  return has_next;
}

bool TaskExchange::append(TaskEnd end) {
  --running_[end.task_class.value()];
  ended_.push_back(std::move(end));
  return ended_.size() == 1;
}

bool TaskExchange::pop(QueuedTask& task) {
  if (!queues_.pop(task)) return false;
  ++running_[task.task.header.task_class.value()];
  queued_count_.store(queues_.size(), std::memory_order_relaxed);
  return true;
}

}  // namespace weir
