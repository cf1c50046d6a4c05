// Any bytes as the file of a trace, plain or compressed, and the work that it makes.

#include <cstddef>
#include <cstdint>

#include "jobs/kernels/windows.hpp"
#include "jobs/stream.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

constexpr int kMostArrivals = 300;  // of a count of a billion, too
constexpr int kArrivalsForPayload = 8;

void decode_window(std::string_view kernel, const Bytes& payload) {
  if (kernel == "finance") {
    decode_finance_window(payload);
  } else if (kernel == "social") {
    decode_social_window(payload);
  } else {
    WEIR_CHECK(kernel == "iot", "a trace for no kernel");
    decode_sensor_window(payload);
  }
}

void replay(Stream& stream) {
  Arrival arrival{};
  Bytes payload;
  Duration before{0};
  for (int i = 0; i < kMostArrivals && stream.next(arrival); ++i) {
    WEIR_CHECK(arrival.at >= before, "a trace goes back in time");
    WEIR_CHECK(arrival.work_units >= 1, "a task without work");
    before = arrival.at;
    if (i >= kArrivalsForPayload) continue;
    payload.clear();
    stream.append_payload(payload);
    decode_window(stream.kernel(), payload);
  }
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  static const ScratchFolder folder;
  // The name is for files of counts, which else do not say how long a bin is.
  const auto file = folder.write("persec.csv", {reinterpret_cast<const char*>(data), size});
  for (const auto duration : {std::optional<Duration>(), std::optional(from_seconds(2))}) {
    try {
      replay(*open_trace(file, {.time_scale = 2, .duration = duration}));
    } catch (const Error&) {
      break;
    }
  }
  return 0;
}
