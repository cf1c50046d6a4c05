// Reads what a kernel wrote.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/bytes.hpp"

namespace weir {

inline std::vector<std::int64_t> numbers_in(const Bytes& bytes) {
  std::vector<std::int64_t> numbers(bytes.size() / sizeof(std::int64_t));
  ByteReader(bytes).raw(numbers.data(), numbers.size() * sizeof(std::int64_t));
  return numbers;
}

template <typename Window>
Bytes encoded(const Window& window) {
  Bytes bytes;
  encode(window, bytes);
  return bytes;
}

template <typename Kernel>
std::vector<std::int64_t> run(Kernel kernel, const Bytes& payload) {
  Bytes result;
  kernel(payload, result);
  return numbers_in(result);
}

}  // namespace weir
