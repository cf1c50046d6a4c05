#include "ml/training/control/q_shape.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>

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

ActionBranches branches_at(const QShape& shape, const Observation& observation) {
  if (const auto* dense = std::get_if<DenseShape>(&shape)) return dense->branches;
  const auto& set_shape = std::get<NodeSetShape>(shape);
  const NodeSet set = node_set(observation);
  return branches_of(set_shape, nodes_in(set_shape, set), classes_in(set_shape, set));
}

std::string text_of(const QShape& shape) {
  std::string text;
  const auto add = [&](const char* what, std::size_t number) {
    text += std::string(text.empty() ? "" : " ") + what + " " + std::to_string(number);
  };
  if (const auto* dense = std::get_if<DenseShape>(&shape)) {
    add("inputs", dense->inputs);
    for (const std::size_t size : dense->hidden) add("hidden", size);
    for (const std::uint8_t actions : dense->branches) add("branch", actions);
    return text;
  }
  const auto& set = std::get<NodeSetShape>(shape);
  add("node_features", set.node_features);
  add("class_features", set.class_features);
  add("context_features", set.context_features);
  add("node_actions", set.node_actions);
  for (const std::uint8_t actions : set.set_branches) add("set_branch", actions);
  return text;
}

}  // namespace weir
