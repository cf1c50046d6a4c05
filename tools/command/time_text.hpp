// How long something takes, for people.

#pragma once

#include <string>

namespace weir {

// Two parts of it at most: "20 s", "3 min 20 s", "1 h 5 min". Not negative.
std::string time_text(double seconds);

}  // namespace weir
