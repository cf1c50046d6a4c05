// Any text as the position of a run; and any bytes as the tally in it, which a hash keeps others
// from.

#include <cstddef>
#include <cstdint>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "tools/run/run_position.hpp"

namespace weir {
namespace {

const RunTally& shape() {
  static const RunTally tally(3, 1, 0);
  return tally;
}

void read_tally(std::span<const std::byte> bytes) {
  RunTally tally = shape();
  ByteReader in(bytes);
  if (!tally.decode(in) || in.remaining() > 0) return;
  Bytes again;
  ByteWriter out(again);
  tally.encode(out);
  WEIR_CHECK(std::ranges::equal(again, bytes), "a tally that was read is another now");
  RunTally sum = shape();
  sum.merge(tally);
  sum.response();
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  RunOptions options;
  options.streams = {"finance"};
  try {
    const RunPosition position = parse_position({reinterpret_cast<const char*>(data), size},
                                                "run.position", options, shape());
    WEIR_CHECK(position.stream_time >= Duration::zero(), "a position before the begin");
    text_of(position, options, {"finance"});
  } catch (const Error&) {
  }
  read_tally(std::as_bytes(std::span(data, size)));
  return 0;
}
