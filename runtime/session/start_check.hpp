// Before anything runs, all ranks hold the same: one version of weir, one task table, one set of
// options. A difference found later would be a wrong result.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/bytes.hpp"

namespace weir {

// What must be equal on all ranks, each under a name a person understands.
struct Agreement {
  std::string name;  // "weir version", "task table", "options"
  std::string text;  // one entry per line
};

Bytes encode(const std::vector<Agreement>& agreements);

// `all` holds every rank's encoded agreements, by rank. Throws Error that names the first rank that
// differs from rank 0, what differs, and the first line that does.
void require_agreement(const std::vector<Bytes>& all);

}  // namespace weir
