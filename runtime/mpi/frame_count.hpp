// How far a receiver has come with what one sender of its host sends it: a count in memory that
// they share. The receiver counts, so an answer costs no message; the sender looks only when it has
// sent so much that it wants to know. One that waits for the count says so, and the receiver rings
// it.

#pragma once

#include <atomic>
#include <cstdint>

namespace weir {

// Lock-free, and used across processes. Counts of MPI messages; they start at zero and wrap.
class FrameCount {
 public:
  // Of the receiver, for each one taken. True when the sender waits and is to be rung.
  bool take() noexcept {
    taken_.store(taken_.load(std::memory_order_relaxed) + 1);
    return waits_.load();
  }

  // Of the sender. It says that it waits, looks at the count once more, and only then sleeps: so
  // either it sees the count or the receiver sees that it waits.
  std::uint32_t taken() const noexcept { return taken_.load(); }
  void set_waits(bool waits) noexcept { waits_.store(waits); }

 private:
  std::atomic<std::uint32_t> taken_{0};
  std::atomic<bool> waits_{false};
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace weir
