// Which part of the capacity that should be switched on each child of a coordinator gets. Pure
// functions, and steady ones: the same need switches the same nodes on, whatever was on before, so
// that an order that was lost is made good by the next one.

#pragma once

#include <span>
#include <vector>

namespace weir {

// Over parts of the tree: to each the same share of what it has.
std::vector<double> split_evenly(double capacity, std::span<const double> installed);

// Over nodes, which are on or off as a whole: those that come first are on, as few as lack at most
// a twentieth of `capacity`, and at least one that has any. Coordinators and homes sit on the
// first.
std::vector<double> split_over_nodes(double capacity, std::span<const double> installed);

}  // namespace weir
