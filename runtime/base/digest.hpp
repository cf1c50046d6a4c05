// The result of a stream in one number: a count and a 128-bit sum of hash(task id, result). A sum
// does not depend on the order of completion, so it is equal for every policy, rank count and
// history of moves.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"

namespace weir {

// 64 bits of XXH3; equal on every platform.
std::uint64_t hash_of(std::span<const std::byte> bytes);

class StreamDigest {
 public:
  // `result` holds what the task returned, quantized to integers where it was computed in floating
  // point.
  void add(TaskId id, std::span<const std::byte> result);
  void merge(const StreamDigest& other);

  std::uint64_t count() const { return count_; }
  // 48 hexadecimal digits: the count (16), then the sum (32).
  std::string hex() const;

  void encode(ByteWriter& out) const;
  void decode(ByteReader& in);

  friend bool operator==(const StreamDigest&, const StreamDigest&) = default;

 private:
  std::uint64_t count_ = 0;
  std::uint64_t sum_high_ = 0;
  std::uint64_t sum_low_ = 0;
};

}  // namespace weir
