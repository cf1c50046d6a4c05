#include "ml/training/control/q_shape.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

bool is_whole(std::size_t numbers, std::size_t row) { return numbers > 0 && numbers % row == 0; }

bool has_features_of(const QShape& shape, const Observation& seen) {
  if (const auto* dense = std::get_if<DenseShape>(&shape)) {
    return seen.context.size() == dense->inputs;
  }
  const auto& set = std::get<NodeSetShape>(shape);
  return is_whole(seen.nodes.size(), set.node_features) &&
         is_whole(seen.classes.size(),
                  seen.nodes.size() / set.node_features * set.class_features) &&
         seen.context.size() == set.context_features;
}

bool has_choices_of(const ActionBranches& branches, std::span<const std::uint8_t> feasible) {
  if (feasible.empty()) return true;
  if (feasible.size() != action_count(branches)) return false;
  return std::ranges::all_of(branches, [&](std::uint8_t count) {
    const auto own = feasible.first(count);
    feasible = feasible.subspan(count);
    return std::ranges::any_of(own, [](std::uint8_t may) { return may != 0; });
  });
}

bool has_actions_of(const ActionBranches& branches, const Actions& actions) {
  return std::ranges::equal(actions, branches, std::ranges::less());
}

}  // namespace

bool fits(const QShape& shape, const Transition& transition) {
  const auto is_seen = [&](const Observation& seen) {
    return has_features_of(shape, seen) && has_choices_of(branches_at(shape, seen), seen.feasible);
  };
  return is_seen(transition.observation) &&
         has_actions_of(branches_at(shape, transition.observation), transition.actions) &&
         (transition.discount == 0 || is_seen(transition.next));
}

void check(const QShape& shape) {
  if (const auto* set = std::get_if<NodeSetShape>(&shape)) return check(*set);
  const auto& dense = std::get<DenseShape>(shape);
  WEIR_CHECK(dense.inputs > 0 && !dense.branches.empty(), "nothing to see or to decide");
  WEIR_CHECK(std::ranges::all_of(dense.branches, [](auto actions) { return actions > 0; }),
             "a branch without an action");
}

ActionBranches branches_at(const QShape& shape, const Observation& observation) {
  if (const auto* dense = std::get_if<DenseShape>(&shape)) return dense->branches;
  const auto& set_shape = std::get<NodeSetShape>(shape);
  const NodeSet set = node_set(observation);
  return branches_of(set_shape, nodes_in(set_shape, set), classes_in(set_shape, set));
}

std::string text_of(const QShape& shape) {
  const auto* dense = std::get_if<DenseShape>(&shape);
  if (dense == nullptr) return text_of(std::get<NodeSetShape>(shape));
  std::string text = "inputs " + std::to_string(dense->inputs);
  for (const std::size_t size : dense->hidden) text += " hidden " + std::to_string(size);
  for (const std::uint8_t actions : dense->branches) text += " branch " + std::to_string(actions);
  return text;
}

}  // namespace weir
