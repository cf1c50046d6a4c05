// Options of `weir run` and of scenarios that say whether nodes are parked and called back, and by
// what.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/control/capacity_options.hpp"

namespace boost::program_options {
class options_description;
class variables_map;
}  // namespace boost::program_options

namespace weir {

// Adds their descriptions.
void describe_capacity_options(boost::program_options::options_description& all);

// Throws Error for whatever is unknown, malformed or out of range.
CapacityOptions read_capacity_options(const boost::program_options::variables_map& given);

// What was given and changes nothing, a line each.
std::vector<std::string> without_effect(const boost::program_options::variables_map& given,
                                        const CapacityOptions& options);

// Name and value as text, as RunOptions has them.
std::vector<std::pair<std::string, std::string>> as_text(const CapacityOptions& options);

}  // namespace weir
