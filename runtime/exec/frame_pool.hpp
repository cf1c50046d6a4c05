// The frames that one thread spawns with. A frame comes back to the pool it is from, whoever ran
// it: so a pool never holds more than its thread once had out at a time, and no thief collects the
// memory of others.

#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "runtime/exec/spawn_frame.hpp"

namespace weir {

// take() and give_back() are for the owner. Frames that are out when the pool ends are lost, with
// what they hold.
class FramePool {
 public:
  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  // No locked instruction, and an allocation only when more frames than ever before are out.
  SpawnFrame& take() {
    if (free_ == nullptr) refill();
    SpawnFrame* frame = free_;
    free_ = frame->next;
    return *frame;
  }
  void give_back(SpawnFrame& frame) {
    frame.next = free_;
    free_ = &frame;
  }
  // Any thread. The owner takes all of these at once, so that nobody else ever takes one off and
  // the list needs no counter against mistaking an old first frame for a new one.
  void give_back_from_afar(SpawnFrame& frame) {
    frame.next = returned_.load(std::memory_order_relaxed);
    while (!returned_.compare_exchange_weak(frame.next, &frame, std::memory_order_release,
                                            std::memory_order_relaxed)) {
    }
  }

  // Frames in and out. For the owner.
  std::size_t frame_count() const { return chunks_.size() * kFramesOfChunk; }

 private:
  static constexpr std::size_t kFramesOfChunk = 64;

  void refill();

  SpawnFrame* free_ = nullptr;
  std::vector<std::unique_ptr<SpawnFrame[]>> chunks_;
  alignas(64) std::atomic<SpawnFrame*> returned_{nullptr};
};

}  // namespace weir
