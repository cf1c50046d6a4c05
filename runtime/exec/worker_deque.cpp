#include "runtime/exec/worker_deque.hpp"

#include <utility>

namespace weir {

bool WorkerDeque::push(SpawnedTask& task) {
  const std::lock_guard lock(mutex_);
  if (tasks_.size() >= kMostTasks) return false;
  tasks_.push_back(std::move(task));
  size_.store(tasks_.size(), std::memory_order_seq_cst);
  return true;
}

bool WorkerDeque::pop_newest(SpawnedTask& task) {
  if (size_.load(std::memory_order_relaxed) == 0) return false;
  const std::lock_guard lock(mutex_);
  if (tasks_.empty()) return false;
  task = tasks_.pop_back();
  size_.store(tasks_.size(), std::memory_order_relaxed);
  return true;
}

bool WorkerDeque::pop_oldest(SpawnedTask& task) {
  if (size_.load(std::memory_order_relaxed) == 0) return false;
  const std::lock_guard lock(mutex_);
  if (tasks_.empty()) return false;
  task = tasks_.pop_front();
  size_.store(tasks_.size(), std::memory_order_relaxed);
  return true;
}

}  // namespace weir
