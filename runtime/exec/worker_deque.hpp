// The spawned tasks that wait at one worker: the newest first for the worker itself, the oldest
// first for thieves, who so get the largest pieces of a recursive division.

#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>

#include "runtime/base/ring.hpp"
#include "runtime/exec/spawned_task.hpp"

namespace weir {

// Any thread. A mutex, seldom contended, and not a lock-free deque: tasks lie in place instead of
// on the heap, and it costs about 20 ns.
class WorkerDeque {
 public:
  // A worker whose deque holds this many runs what it spawns at once.
  static constexpr std::size_t kMostTasks = 16 * 1024;

  // False, and `task` is untouched, when the deque is full. What is pushed is seen by
  // looks_empty() of any thread that announced its parking later (see ParkingLot).
  bool push(SpawnedTask& task);
  // Each false when the deque is empty.
  bool pop_newest(SpawnedTask& task);
  bool pop_oldest(SpawnedTask& task);

  bool looks_empty() const { return size_.load(std::memory_order_seq_cst) == 0; }

 private:
  std::mutex mutex_;
  Ring<SpawnedTask> tasks_;
  std::atomic<std::size_t> size_{0};
};

}  // namespace weir
