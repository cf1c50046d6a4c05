#include "ml/inference/action_branches.hpp"

#include <cmath>
#include <numeric>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// What is no number is below every number.
bool is_above(float value, float best) {
  return value > best || (std::isnan(best) && !std::isnan(value));
}

}  // namespace

std::size_t action_count(const ActionBranches& branches) {
  return std::accumulate(branches.begin(), branches.end(), std::size_t{0});
}

Actions greedy_actions(const ActionBranches& branches, std::span<const float> values,
                       std::span<const std::uint8_t> feasible) {
  WEIR_CHECK(values.size() == action_count(branches), "a value for every action");
  WEIR_CHECK(feasible.empty() || feasible.size() == values.size(), "a mask of other actions");
  Actions actions;
  actions.reserve(branches.size());
  std::size_t first = 0;
  for (const std::uint8_t count : branches) {
    std::size_t best = count;
    for (std::size_t action = 0; action < count; ++action) {
      if (!feasible.empty() && feasible[first + action] == 0) continue;
      if (best == count || is_above(values[first + action], values[first + best])) best = action;
    }
    WEIR_CHECK(best < count, "a branch without a feasible action");
    actions.push_back(static_cast<std::uint8_t>(best));
    first += count;
  }
  return actions;
}

}  // namespace weir
