// The actions a Q-network chooses among. A decision has several parts, its branches: one for each
// class at each node, for instance. Each branch has its own few actions, and a decision takes one
// of each (A. Tavakoli, F. Pardo, P. Kormushev, "Action branching architectures for deep
// reinforcement learning", AAAI 2018): the number of Q-values grows with the sum of the branches,
// not with their product.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir {

// For every branch, how many actions it has: at least one. Values and masks of all actions lie one
// branch after the other.
using ActionBranches = std::vector<std::uint8_t>;

// One for every branch: which of its actions is taken, from 0.
using Actions = std::vector<std::uint8_t>;

// Of all branches together.
std::size_t action_count(const ActionBranches& branches);

// In every branch the feasible action of the highest value, the first of equals; a value that is no
// number is below all others. `values` and `feasible` have one entry for every action; empty
// `feasible`: all are. Every branch has a feasible action.
Actions greedy_actions(const ActionBranches& branches, std::span<const float> values,
                       std::span<const std::uint8_t> feasible);

}  // namespace weir
