// Any bytes as a command on its way to the rank that runs it, and as the end of one.

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/base/check.hpp"
#include "tools/exec/command_task.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto task = decode_command_task(bytes)) {
    WEIR_CHECK(!task->words.empty(), "a command without a word");
    WEIR_CHECK(decode_command_task(encode(*task)).has_value(), "a command that cannot be sent on");
  }
  if (const auto end = decode_command_end(bytes)) {
    WEIR_CHECK(decode_command_end(encode(*end)).has_value(), "an end that cannot be sent on");
  }
  return 0;
}
