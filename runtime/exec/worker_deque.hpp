// The spawned tasks that wait at one worker: the newest first for the worker itself, the oldest
// first for thieves, who so get the largest pieces of a recursive division.
//
// Chase and Lev, "Dynamic circular work-stealing deque" (SPAA 2005), with the orders of memory of
// Le, Pop, Cohen and Zappa Nardelli, "Correct and efficient work-stealing for weak memory models"
// (PPoPP 2013), but sequentially consistent operations in the place of their fences, which the
// thread sanitizer does not know. Of a fixed size: what does not fit is run at once, which bounds
// the memory of a task that spawns without end.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "runtime/exec/spawn_frame.hpp"

namespace weir {

// push and pop_newest are for the owner, everything else is for any thread.
class WorkerDeque {
 public:
  static constexpr std::size_t kMostTasks = 16 * 1024;

  WorkerDeque();

  // False when the deque is full. `in_order`: in the order of all sequentially consistent
  // operations, so that what is pushed is seen by looks_empty() of any thread that announced its
  // parking later (see ParkingLot); a locked instruction that a fence of the parking worker spares.
  bool push(SpawnFrame& frame, bool in_order) {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);
    if (bottom - top_seen_ >= kMost) {
      top_seen_ = top_.load(std::memory_order_acquire);
      if (bottom - top_seen_ >= kMost) return false;
    }
    slot(bottom).store(&frame, std::memory_order_relaxed);
    if (in_order) {
      bottom_.store(bottom + 1, std::memory_order_seq_cst);
    } else {
      bottom_.store(bottom + 1, std::memory_order_release);
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    return true;
  }

  // Each nullptr when the deque is empty.
  SpawnFrame* pop_newest() {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);
    // The end for thieves only moves up: an old value of it cannot make the deque look empty.
    if (bottom <= top_.load(std::memory_order_relaxed)) return nullptr;
    bottom_.store(bottom - 1, std::memory_order_seq_cst);
    std::int64_t top = top_.load(std::memory_order_seq_cst);
    SpawnFrame* frame = slot(bottom - 1).load(std::memory_order_relaxed);
    if (top < bottom - 1) return frame;
    // The last one, or none: a thief may be at it.
    if (top > bottom - 1 || !top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                                          std::memory_order_relaxed)) {
      frame = nullptr;
    }
    bottom_.store(bottom, std::memory_order_release);
    return frame;
  }
  SpawnFrame* pop_oldest();

  // Where the next push goes: what was pushed before lies below. For the owner.
  std::int64_t position() const { return bottom_.load(std::memory_order_relaxed); }

  bool looks_empty() const {
    return bottom_.load(std::memory_order_seq_cst) <= top_.load(std::memory_order_seq_cst);
  }

 private:
  static constexpr auto kMost = static_cast<std::int64_t>(kMostTasks);

  std::atomic<SpawnFrame*>& slot(std::int64_t position) {
    return slots_[static_cast<std::size_t>(position) % kMostTasks];
  }

  // Positions count all tasks since the start; those from top to bottom wait.
  alignas(64) std::atomic<std::int64_t> bottom_{0};
  std::int64_t top_seen_ = 0;  // some earlier value of top_
  std::unique_ptr<std::atomic<SpawnFrame*>[]> slots_;
  alignas(64) std::atomic<std::int64_t> top_{0};
};

}  // namespace weir
