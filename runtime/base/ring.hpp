// A queue with two ends in one block of memory that grows by doubling: no allocation per element,
// unlike std::deque, whose blocks hold only four tasks.

#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "runtime/base/check.hpp"

namespace weir {

// T is default constructible and moves without throwing; a slot that was left holds a moved-from T.
template <typename T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // Position 0 is the front.
  T& operator[](std::size_t position) { return slots_[(front_ + position) & (slots_.size() - 1)]; }
  const T& operator[](std::size_t position) const {
    return slots_[(front_ + position) & (slots_.size() - 1)];
  }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }

  void push_back(T value) {
    if (size_ == slots_.size()) grow();
    (*this)[size_] = std::move(value);
    ++size_;
  }
  T pop_front() {
    WEIR_CHECK(size_ > 0, "the ring is empty");
    T value = std::move(front());
    front_ = (front_ + 1) & (slots_.size() - 1);
    if (--size_ == 0) empty_out();
    return value;
  }
  T pop_back() {
    WEIR_CHECK(size_ > 0, "the ring is empty");
    T value = std::move((*this)[size_ - 1]);
    if (--size_ == 0) empty_out();
    return value;
  }
  // Moves those on its shorter side by one.
  T take(std::size_t position) {
    WEIR_CHECK(position < size_, "the ring is shorter than that");
    T value = std::move((*this)[position]);
    if (position < size_ / 2) {
      for (std::size_t i = position; i > 0; --i) (*this)[i] = std::move((*this)[i - 1]);
      front_ = (front_ + 1) & (slots_.size() - 1);
    } else {
      for (std::size_t i = position + 1; i < size_; ++i) (*this)[i - 1] = std::move((*this)[i]);
    }
    if (--size_ == 0) empty_out();
    return value;
  }
  // Drops the elements from `position` on, which were moved from.
  void cut(std::size_t position) {
    WEIR_CHECK(position <= size_, "the ring is shorter than that");
    size_ = position;
    if (size_ == 0) empty_out();
  }

 private:
  // An empty ring above this many slots gives its memory back, so that a burst does not stay.
  static constexpr std::size_t kSlotsKept = 4096;

  void grow() {
    std::vector<T> larger(slots_.empty() ? 16 : 2 * slots_.size());
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    slots_ = std::move(larger);
    front_ = 0;
  }
  // Starts again with the first slot: a queue that is mostly empty stays in one line of the cache.
  void empty_out() {
    front_ = 0;
    if (slots_.size() > kSlotsKept) slots_ = std::vector<T>();
  }

  std::vector<T> slots_;  // as many as a power of two
  std::size_t front_ = 0;
  std::size_t size_ = 0;
};

}  // namespace weir
