// Inside this folder only: machine descriptions written by hwloc 3, made readable for hwloc 2.

#pragma once

#include <string>

namespace weir {

// Text of any other version comes back as it is.
std::string as_hwloc_2_xml(std::string xml);

// The value of the first <info name="HostName">, "" without one.
std::string host_name_in_xml(const std::string& xml);

}  // namespace weir
