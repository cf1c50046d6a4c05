#include "ml/training/control/q_shape.hpp"

namespace weir {

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
