// Any text as a list of hosts, and as one of processors.

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "topology/cpuset.hpp"
#include "topology/host_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto hosts = expand_host_list(text)) {
    WEIR_CHECK(!hosts->empty() && hosts->size() <= kMostHosts, "a list of no hosts, or too many");
    // Only brackets and commas make several names of one: what came of them is plain.
    for (const std::string& host : *hosts) {
      WEIR_CHECK(!host.empty(), "a host without a name");
      const bool plain = host.find_first_of("[],") == std::string::npos;
      WEIR_CHECK(plain, "a host whose name is a list");
      if (hosts->size() < 100) WEIR_CHECK(expand_host_list(host)->front() == host, "another name");
    }
  }
  try {
    const Cpuset set = Cpuset::parse(text);
    WEIR_CHECK(Cpuset::parse(set.to_string()) == set, "a set of processors that is not itself");
  } catch (const Error&) {
  }
  return 0;
}
