// Any bytes as the payload of a task: the first one names the kernel, the rest is its window. Work
// is cut to little, for that is what a window may ask for much of.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "jobs/kernels/kernel.hpp"
#include "jobs/kernels/windows.hpp"

namespace weir {
namespace {

constexpr std::uint32_t kMostUnits = 3;

// A window, as damaged bytes make it, back to the bytes of one with less work.
template <typename Window>
Bytes with_less_work(Window window) {
  window.work_units = std::min(window.work_units, kMostUnits);
  Bytes bytes;
  encode(window, bytes);
  return bytes;
}

void run(std::uint8_t kernel, std::span<const std::byte> payload) {
  Bytes result;
  if (kernel % 3 == 0) {
    run_finance_kernel(with_less_work(decode_finance_window(payload)), result);
  } else if (kernel % 3 == 1) {
    run_social_kernel(with_less_work(decode_social_window(payload)), result);
  } else {
    run_iot_kernel(with_less_work(decode_sensor_window(payload)), result);
  }
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    weir::run(data[0], std::as_bytes(std::span(data + 1, size - 1)));
  } catch (const std::runtime_error&) {
    // The task fails.
  }
  return 0;
}
