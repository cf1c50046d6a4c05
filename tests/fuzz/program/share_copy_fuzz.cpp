// Any bytes as the copies of a home's shares, which come from another rank or from a ledger. A hash
// keeps most of them from the fields: bytes that begin with a mark get the one that fits them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/base/check.hpp"
#include "runtime/base/digest.hpp"
#include "tests/support/share_copies.hpp"
#include "tools/run/home_copy.hpp"

namespace weir {
namespace {

constexpr std::byte kWithHash{'#'};

const RunTally& shape() {
  static const RunTally tally = tally_of_two_streams();
  return tally;
}

void read_one(std::span<const std::byte> bytes) {
  const auto copy = decode_share_copy(bytes, shape());
  if (!copy) return;
  WEIR_CHECK(copy->share >= 0 && copy->share < copy->share_count, "a share that there is not");
  WEIR_CHECK(std::ranges::equal(encode(*copy), bytes), "a copy that was read is another now");
  RunTally sum = shape();
  sum.merge(copy->tally);
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const auto bytes = std::as_bytes(std::span(data, size));
  if (!bytes.empty() && bytes.front() == kWithHash) {
    Bytes whole(bytes.begin() + 1, bytes.end());
    const std::uint64_t hash = hash_of(whole);
    ByteWriter(whole).number(hash);
    read_one(whole);
  } else {
    read_one(bytes);
  }
  if (const auto copies = decode_share_copies(bytes, shape())) {
    WEIR_CHECK(std::ranges::equal(encode(*copies), bytes), "copies that were read are others now");
  }
  return 0;
}
