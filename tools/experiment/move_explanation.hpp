// Says why queued tasks moved, from what was recorded of it.

#pragma once

#include <ostream>
#include <string>

#include "runtime/record/record_reader.hpp"

namespace weir {

// `move` is NUMBER, of those decided on rank 0, or RANK:NUMBER. `all` shows every child, not the
// first ten. Throws Error where there is no such move.
void explain_move(const RecordReader& record, const std::string& file, const std::string& move,
                  bool all, std::ostream& out);

}  // namespace weir
