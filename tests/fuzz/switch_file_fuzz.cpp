// Any text as a list of switches.

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "topology/switch_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  try {
    const SwitchFile file =
        SwitchFile::parse({reinterpret_cast<const char*>(data), size}, "topology.conf");
    WEIR_CHECK(!file.hosts().empty(), "switches without a host");
    int leaf = 0;
    for (const std::string& host : file.hosts()) {
      const auto found = file.leaf_of(host);
      WEIR_CHECK(found && (*found == leaf || *found == leaf + 1), "a host away from its switch");
      leaf = *found;
    }
  } catch (const Error&) {
  }
  return 0;
}
