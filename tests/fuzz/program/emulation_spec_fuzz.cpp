// Any text as the description of emulated nodes.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/exec/emulation_spec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  try {
    const auto spec = EmulationSpec::parse({reinterpret_cast<const char*>(data), size});
    WEIR_CHECK(spec.node_count() >= 1, "nodes, and none");
    WEIR_CHECK(spec.timer_slack() >= Duration::zero(), "ends that are noticed before they are");
    const std::size_t type = spec.type_of(spec.node_count() - 1);
    WEIR_CHECK(spec.types.at(type).cores >= 1, "a node without cores");
    WEIR_CHECK(spec.slow_down(ClassId(0), type) > 0, "tasks that take no time");
  } catch (const Error&) {
  }
  return 0;
}
