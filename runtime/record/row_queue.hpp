// Rows on their way from the control thread to the writer: a ring of rows of one size. One thread
// appends, one thread takes; neither ever waits for the other, and there is no lock that a thread
// could hold while the machine gives its core to somebody else.

#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/base/bytes.hpp"

namespace weir {

class RowQueue {
 public:
  // Holds `max_rows` rows, rounded up to a power of two. The memory is reserved here and touched
  // when first used. Neither number is zero.
  RowQueue(std::size_t row_bytes, std::size_t max_rows)
      : row_bytes_(row_bytes), max_rows_(std::bit_ceil(max_rows)), ring_(row_bytes_ * max_rows_) {}

  std::size_t row_bytes() const { return row_bytes_; }
  std::size_t max_rows() const { return max_rows_; }

  // Appending thread: the place for one row, or nullptr when the queue is full; then the row is
  // lost and counted.
  std::byte* begin_row() {
    if (appended_ - taken_seen_ == max_rows_) {
      taken_seen_ = taken_.load(std::memory_order_acquire);
      if (appended_ - taken_seen_ == max_rows_) {
        dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return nullptr;
      }
    }
    return ring_.data() + (appended_ & (max_rows_ - 1)) * row_bytes_;
  }
  // Appending thread, after begin_row() gave a place and the row was written there. True once per
  // half ring: the taking thread should come soon.
  bool end_row() {
    published_.store(++appended_, std::memory_order_release);
    return (appended_ & (max_rows_ / 2 - 1)) == 0;
  }

  // Taking thread: the oldest rows that lie together, or nothing. They stay valid until released.
  std::span<const std::byte> oldest_rows() const {
    const std::uint64_t taken = taken_.load(std::memory_order_relaxed);
    const std::uint64_t waiting = published_.load(std::memory_order_acquire) - taken;
    const std::uint64_t first = taken & (max_rows_ - 1);
    const std::uint64_t count = waiting < max_rows_ - first ? waiting : max_rows_ - first;
    return {ring_.data() + first * row_bytes_, count * row_bytes_};
  }
  void release(std::size_t rows) {
    taken_.store(taken_.load(std::memory_order_relaxed) + rows, std::memory_order_release);
  }

  // Rows that found the queue full. Any thread.
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kCacheLine = 64;

  const std::size_t row_bytes_;
  const std::size_t max_rows_;
  Bytes ring_;

  // Written by the appending thread.
  alignas(kCacheLine) std::uint64_t appended_ = 0;
  std::uint64_t taken_seen_ = 0;
  std::atomic<std::uint64_t> published_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;
  // Written by the taking thread.
  alignas(kCacheLine) std::atomic<std::uint64_t> taken_ = 0;
};

}  // namespace weir
