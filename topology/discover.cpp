#include "topology/discover.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <system_error>

#include "runtime/base/error.hpp"
#include "topology/binding.hpp"
#include "topology/hwloc_reader.hpp"
#include "topology/xml_version.hpp"

namespace weir {
namespace {

constexpr const char* kTryExport = "lstopo --of xml FILE on the machine to describe";

// The largest machines take a few MiB.
constexpr std::uintmax_t kMostXmlBytes = 64 << 20;

std::string read_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw Error("no machine description at " + path.string(),
                std::filesystem::exists(path, error) ? "not a plain file" : "no such file",
                "an XML file written by lstopo", kTryExport);
  }
  const auto bytes = std::filesystem::file_size(path, error);
  if (!error && bytes > kMostXmlBytes) {
    throw Error(
        "the machine description is too large",
        path.string() + ", " + std::to_string(bytes) + " bytes",
        "an XML file written by lstopo, of at most " + std::to_string(kMostXmlBytes) + " bytes",
        kTryExport);
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    throw Error("the machine description cannot be read", path.string(), "a readable file",
                "ls -l " + path.string());
  }
  return text;
}

}  // namespace

std::string host_name() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return "unknown";
  return name;
}

Machine discover_machine() {
  std::optional<Machine> machine = read_with_hwloc(HwlocSource::kThisHost, "");
  if (!machine) {
    throw Error("this host cannot be described", "hwloc found no usable processing unit",
                "/sys and /proc readable by this process",
                "lstopo, which shows what hwloc sees, or --xml FILE");
  }
  machine->host = host_name();
  machine->origin = "this host";
  const Cpuset bound = machine->allowed & binding_of_this_thread();
  if (!bound.empty()) machine->allowed = bound;
  return *std::move(machine);
}

Machine load_machine_xml(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  std::optional<Machine> machine = read_with_hwloc(HwlocSource::kXmlText, as_hwloc_2_xml(text));
  if (!machine) {
    throw Error(
        "the machine description cannot be understood",
        path.string() + ", " + std::to_string(text.size()) + " bytes, not a whole hwloc XML",
        "an XML file of hwloc 2 or 3 with at least one usable processing unit", kTryExport);
  }
  if (machine->host.empty()) machine->host = host_name_in_xml(text);
  if (machine->host.empty()) machine->host = path.stem().string();
  machine->origin = path.string();
  return *std::move(machine);
}

}  // namespace weir
