// Where a Machine comes from: this host, or a file that describes another one.

#pragma once

#include <filesystem>
#include <string>

#include "topology/machine.hpp"

namespace weir {

// As the operating system has it; "unknown" when it does not tell.
std::string host_name();

// Asks hwloc about this host: some ms, up to about 100 ms on large machines. Throws Error when the
// operating system does not tell. Processes of one host that find different Machine::allowed were
// bound by their launcher.
Machine discover_machine();

// Reads an XML file written by lstopo; files of hwloc 3 are accepted although hwloc 2 refuses them.
// Throws Error on a missing, unreadable or malformed file. Writes nothing to stderr.
Machine load_machine_xml(const std::filesystem::path& path);

}  // namespace weir
