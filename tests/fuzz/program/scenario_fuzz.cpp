// Any text as the INI file of a scenario: options of runs, policies, worlds and nodes.

#include <cstddef>
#include <cstdint>

#include "runtime/base/error.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tools/settings/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  static const ScratchFolder folder;
  const auto file = folder.write("scenario.ini", {reinterpret_cast<const char*>(data), size});
  try {
    options_of(read_scenario(file.string()));
  } catch (const Error&) {
  }
  return 0;
}
