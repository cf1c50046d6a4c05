// Inside this folder only: the one place that talks to hwloc.

#pragma once

#include <optional>
#include <string>

#include "topology/machine.hpp"

namespace weir {

enum class HwlocSource { kThisHost, kXmlText, kSynthetic };

// `text` is the XML itself or hwloc's synthetic description, unused for this host. Nothing when
// hwloc refuses or finds no usable PU. Machine::origin is left empty, Machine::host too when the
// source does not name it.
std::optional<Machine> read_with_hwloc(HwlocSource source, const std::string& text);

}  // namespace weir
