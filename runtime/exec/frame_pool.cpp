#include "runtime/exec/frame_pool.hpp"

namespace weir {

void FramePool::refill() {
  free_ = returned_.exchange(nullptr, std::memory_order_acquire);
  if (free_ != nullptr) return;
  chunks_.push_back(std::make_unique<SpawnFrame[]>(kFramesOfChunk));
  for (std::size_t i = kFramesOfChunk; i-- > 0;) {
    SpawnFrame& frame = chunks_.back()[i];
    frame.home = this;
    give_back(frame);
  }
}

}  // namespace weir
