// Options that shape the tree of coordinators, of `weir run`, scenarios and `weir topology --tree`.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/control/coordination_tree.hpp"

namespace boost::program_options {
class options_description;
class variables_map;
}  // namespace boost::program_options

namespace weir {

// Adds their descriptions.
void describe_tree_options(boost::program_options::options_description& all);

// Throws Error for whatever is malformed or out of range.
TreeOptions read_tree_options(const boost::program_options::variables_map& given);

// The tree over these places. Throws Error where it has more levels than weir is made for.
CoordinationTree tree_over(const RankPlaces& places, const TreeOptions& options);

// Name and value as text, as RunOptions has them.
std::vector<std::pair<std::string, std::string>> as_text(const TreeOptions& options);

}  // namespace weir
