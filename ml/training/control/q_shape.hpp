// What a Q-network looks at and what it decides, of either form.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "ml/inference/action_branches.hpp"
#include "ml/inference/node_set_network.hpp"
#include "ml/training/experience/environment.hpp"
#include "ml/training/experience/n_step_window.hpp"

namespace weir {

// A plain network of the context: the node level.
struct DenseShape {
  std::size_t inputs = 0;
  std::vector<std::size_t> hidden = {64, 32};
  ActionBranches branches = {};
  friend bool operator==(const DenseShape&, const DenseShape&) = default;
};

using QShape = std::variant<DenseShape, NodeSetShape>;

inline NodeSet node_set(const Observation& observation) {
  return {observation.nodes, observation.classes, observation.context};
}

// Ends the run for a shape of which there is no network.
void check(const QShape& shape);

// Of a decision at this observation, in the order of its Q-values.
ActionBranches branches_at(const QShape& shape, const Observation& observation);

// Whether a network of this shape can learn from it: features, masks and actions are those of its
// branches, and each branch has a feasible action.
bool fits(const QShape& shape, const Transition& transition);

// All numbers of a shape with their names; shapes that differ have other texts.
std::string text_of(const QShape& shape);

}  // namespace weir
