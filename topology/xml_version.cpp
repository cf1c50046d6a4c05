// hwloc 2 refuses a file of version 3, although the format hardly changed: attributes and tags that
// were added are ignored, and only the type of an OS device means something else. In version 2 it
// is an enumeration, in version 3 a set of bits. A host's name moved out of the root object, to
// where version 2 does not look.

#include "topology/xml_version.hpp"

#include <charconv>
#include <string_view>

namespace weir {
namespace {

constexpr std::string_view kVersion3 = "<topology version=\"3.";
constexpr std::string_view kVersion2 = "<topology version=\"2.0\"";
constexpr std::string_view kDeviceType = "osdev_type=\"";

// The bits of version 3.
constexpr int kGpuBit = 4;
constexpr int kCoprocessorBit = 8;
constexpr int kNetworkBit = 16;
constexpr int kOpenFabricsBit = 32;
constexpr int kDmaBit = 64;

// The numbers of version 2. A device may have several bits; the more special one says more.
char device_type_of_version_2(int bits) {
  if ((bits & kOpenFabricsBit) != 0) return '3';
  if ((bits & kNetworkBit) != 0) return '2';
  if ((bits & kCoprocessorBit) != 0) return '5';
  if ((bits & kGpuBit) != 0) return '1';
  if ((bits & kDmaBit) != 0) return '4';
  return '0';
}

}  // namespace

std::string as_hwloc_2_xml(std::string xml) {
  const auto version = xml.find(kVersion3);
  if (version == std::string::npos) return xml;
  const auto version_end = xml.find('"', version + kVersion3.size());
  if (version_end == std::string::npos) return xml;
  xml.replace(version, version_end + 1 - version, kVersion2);

  for (auto at = xml.find(kDeviceType); at != std::string::npos; at = xml.find(kDeviceType, at)) {
    at += kDeviceType.size();
    int bits = 0;
    const auto [end, error] = std::from_chars(xml.data() + at, xml.data() + xml.size(), bits);
    if (error != std::errc()) continue;
    const auto digits = static_cast<std::size_t>(end - (xml.data() + at));
    xml.replace(at, digits, 1, device_type_of_version_2(bits));
  }
  return xml;
}

std::string host_name_in_xml(const std::string& xml) {
  constexpr std::string_view kHostName = "<info name=\"HostName\" value=\"";
  const auto at = xml.find(kHostName);
  if (at == std::string::npos) return "";
  const auto start = at + kHostName.size();
  const auto end = xml.find('"', start);
  return end == std::string::npos ? "" : xml.substr(start, end - start);
}

}  // namespace weir
