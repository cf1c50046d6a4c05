#include "runtime/exec/worker_deque.hpp"

namespace weir {

WorkerDeque::WorkerDeque() : slots_(std::make_unique<std::atomic<SpawnFrame*>[]>(kMostTasks)) {}

SpawnFrame* WorkerDeque::pop_oldest() {
  std::int64_t top = top_.load(std::memory_order_seq_cst);
  while (top < bottom_.load(std::memory_order_seq_cst)) {
    // What is read here may be of another round already; then the exchange fails.
    SpawnFrame* frame = slot(top).load(std::memory_order_relaxed);
    if (top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                     std::memory_order_seq_cst)) {
      return frame;
    }
  }
  return nullptr;
}

}  // namespace weir
