// The messages under way, as they travel: encoded. A place and its buffers are used again, so that
// a message costs no allocation.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/protocol/codec.hpp"

namespace weir {

struct Letter {
  RankId from;
  RankId to;
  EncodedMessage message;
};

class LetterPool {
 public:
  // A place for a message that is empty; the reference to it stays valid.
  std::uint32_t take() {
    if (free_.empty()) {
      letters_.emplace_back();
      return static_cast<std::uint32_t>(letters_.size() - 1);
    }
    const std::uint32_t place = free_.back();
    free_.pop_back();
    return place;
  }
  // The message has been read.
  void give_back(std::uint32_t place) {
    EncodedMessage& message = letters_[place].message;
    message.attachments.clear();
    message.head.clear();
    if (message.head.capacity() > kLargestKeptBytes) message.head = Bytes();
    free_.push_back(place);
  }

  std::size_t in_use() const { return letters_.size() - free_.size(); }

  Letter& operator[](std::uint32_t place) { return letters_[place]; }
  const Letter& operator[](std::uint32_t place) const { return letters_[place]; }

 private:
  // Longer buffers are given back: a view of many nodes must not stay.
  static constexpr std::size_t kLargestKeptBytes = 4096;

  std::deque<Letter> letters_;
  std::vector<std::uint32_t> free_;
};

}  // namespace weir
