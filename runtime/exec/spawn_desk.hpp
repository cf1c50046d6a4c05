// What one thread spawns with: its frames, its deque, its counts, and whom it tells.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "runtime/base/ids.hpp"
#include "runtime/exec/frame_pool.hpp"
#include "runtime/exec/parking_lot.hpp"
#include "runtime/exec/spawn_frame.hpp"
#include "runtime/exec/worker_deque.hpp"

namespace weir {

// The worker of a task that runs on the control thread.
inline constexpr WorkerId kNoWorker{-1};

// Written by one thread each, read by any. The sum over all tallies is what counts: a task may be
// spawned by one thread and finished by another.
struct alignas(64) SpawnTally {
  std::atomic<std::uint64_t> spawned{0};
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::uint64_t> failed{0};  // among the finished

  static void count(std::atomic<std::uint64_t>& number) {
    number.store(number.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
};

// For its owner, but for the thieves' side of the deque, frames that come back, and reading the
// tally.
struct SpawnDesk {
  SpawnDesk(ParkingLot& its_lot, WorkerId its_owner, std::size_t its_domain)
      : lot(its_lot), owner(its_owner), domain(its_domain), in_order(!its_lot.has_fence()) {}

  ParkingLot& lot;
  const WorkerId owner;      // kNoWorker: the control thread
  const std::size_t domain;  // of whose workers one is woken first
  const bool in_order;       // see WorkerDeque::push
  std::uint16_t depth = 0;   // of what runs on the thread (TaskContext::depth)
  FramePool frames;
  SpawnTally tally;
  WorkerDeque deque;

  // A frame that holds `body`.
  template <typename Body>
  SpawnFrame& make(Body&& body, ClassId task_class, TaskGroup* group) {
    SpawnFrame& frame = frames.take();
    try {
      frame.hold(std::forward<Body>(body));
    } catch (...) {
      frames.give_back(frame);
      throw;
    }
    frame.group = group;
    frame.task_class = task_class;
    frame.depth = depth;
    return frame;
  }

  // Puts the task up for whoever comes first; false when there is no room. No locked instruction
  // where the lot has a fence, unless a worker is to be woken.
  bool put_up(SpawnFrame& frame) {
    // Counted before anyone can finish it: finished never exceeds spawned.
    SpawnTally::count(tally.spawned);
    if (!deque.push(frame, in_order)) return false;
    if (lot.wants_work()) lot.wake_searcher(domain);
    return true;
  }
  // After it has run.
  void give_back(SpawnFrame& frame) {
    if (frame.home == &frames) {
      frames.give_back(frame);
    } else {
      frame.home->give_back_from_afar(frame);
    }
  }
};

}  // namespace weir
