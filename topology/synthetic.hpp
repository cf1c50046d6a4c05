// A made-up machine from a short description.

#pragma once

#include <string>

#include "topology/machine.hpp"

namespace weir {

// Levels from the outside in, each with how many of it are in one of the level before:
// "package:2 numa:2 l3:1 core:8 pu:2". "node" and "socket" mean numa and package; "pu:1" may be
// left out; "numa:2(memory=64GB)" sets the memory of a domain, which is 1 GiB otherwise. At most
// 65536 PUs. Throws Error on anything else.
Machine synthetic_machine(const std::string& description);

}  // namespace weir
