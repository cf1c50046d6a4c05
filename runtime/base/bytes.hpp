// Byte buffers, and a small writer and reader for the wire. Numbers travel in the host's byte
// order: all ranks of a job run the same binary, which the start check verifies.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/base/check.hpp"

namespace weir {

// Leaves new elements unset: a buffer that is about to be received into is not cleared first.
template <typename T>
struct UnsetAllocator : std::allocator<T> {
  template <typename U>
  struct rebind {
    using other = UnsetAllocator<U>;
  };
  using std::allocator<T>::allocator;
  template <typename U>
  void construct(U* place) noexcept {
    ::new (static_cast<void*>(place)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* place, Arguments&&... arguments) {
    ::new (static_cast<void*>(place)) U(std::forward<Arguments>(arguments)...);
  }
};

using Bytes = std::vector<std::byte, UnsetAllocator<std::byte>>;

class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  template <typename T>
  void number(T value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    raw(&value, sizeof value);
  }
  // A 32-bit length, then the bytes: less than 4 GiB of them.
  void block(std::span<const std::byte> bytes) {
    WEIR_CHECK(bytes.size() <= std::numeric_limits<std::uint32_t>::max(),
               "a block of 4 GiB or more");
    number(static_cast<std::uint32_t>(bytes.size()));
    raw(bytes.data(), bytes.size());
  }
  void text(std::string_view text) { block(std::as_bytes(std::span(text))); }
  void raw(const void* data, std::size_t size) {
    if (size == 0) return;
    const std::size_t at = out_.size();
    out_.resize(at + size);
    std::memcpy(out_.data() + at, data, size);
  }

 private:
  Bytes& out_;
};

// Reading past the end gives zeros and makes ok() false: check it once, after the last read.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> in) : in_(in) {}

  template <typename T>
  T number() {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    T value{};
    raw(&value, sizeof value);
    return value;
  }
  // The bytes stay in the buffer that is read.
  std::span<const std::byte> block() {
    const auto size = number<std::uint32_t>();
    if (size > in_.size()) {
      ok_ = false;
      return {};
    }
    const auto bytes = in_.first(size);
    in_ = in_.subspan(size);
    return bytes;
  }
  std::string text() {
    const auto bytes = block();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  void raw(void* data, std::size_t size) {
    if (size > in_.size()) {
      ok_ = false;
      return;
    }
    if (size > 0) std::memcpy(data, in_.data(), size);
    in_ = in_.subspan(size);
  }
  std::size_t remaining() const { return in_.size(); }
  bool ok() const { return ok_; }

 private:
  std::span<const std::byte> in_;
  bool ok_ = true;
};

}  // namespace weir
