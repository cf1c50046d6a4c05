// Numbers of all ranks, for tests that run on several.

#pragma once

#include <cstdint>

#include "runtime/base/bytes.hpp"
#include "tests/support/mpi_test_main.hpp"

namespace weir {

// Collective.
inline std::uint64_t sum_over_ranks(std::uint64_t mine) {
  Bytes bytes;
  ByteWriter(bytes).number(mine);
  std::uint64_t sum = 0;
  for (const Bytes& one : test_ranks().gather_to_all(bytes)) {
    sum += ByteReader(one).number<std::uint64_t>();
  }
  return sum;
}

}  // namespace weir
