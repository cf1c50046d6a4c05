// `weir streams`: what the streams are like, side by side.

#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace weir {

// Measures every --stream and --trace and prints one column for each. With --fit, the streams take
// the rate and the span of the first trace, and a column compares each with that trace. Returns the
// exit code. Throws Error for bad input.
int streams_command(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace weir
