#include "runtime/base/digest.hpp"

#include <cstdio>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace weir {
namespace {

void add_wide(std::uint64_t& high, std::uint64_t& low, std::uint64_t add_high,
              std::uint64_t add_low) {
  low += add_low;
  high += add_high + (low < add_low ? 1 : 0);
}

}  // namespace

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

void StreamDigest::add(TaskId id, std::span<const std::byte> result) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(result.data(), result.size(), id.value());
  add_wide(sum_high_, sum_low_, hash.high64, hash.low64);
  ++count_;
}

void StreamDigest::merge(const StreamDigest& other) {
  add_wide(sum_high_, sum_low_, other.sum_high_, other.sum_low_);
  count_ += other.count_;
}

std::string StreamDigest::hex() const {
  char text[49];
  std::snprintf(text, sizeof text, "%016lx%016lx%016lx", count_, sum_high_, sum_low_);
  return text;
}

void StreamDigest::encode(ByteWriter& out) const {
  out.number(count_);
  out.number(sum_high_);
  out.number(sum_low_);
}

void StreamDigest::decode(ByteReader& in) {
  count_ = in.number<std::uint64_t>();
  sum_high_ = in.number<std::uint64_t>();
  sum_low_ = in.number<std::uint64_t>();
}

}  // namespace weir
