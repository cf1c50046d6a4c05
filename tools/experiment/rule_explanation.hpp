// How each rule of the catalogue chooses, and what it compares: recomputed from what was recorded,
// with the same functions that the rules use (runtime/policy/node_costs.hpp).

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/experiment/recorded_task.hpp"

namespace weir {

// Of a node with capacity: the least is chosen, infinity is not in question.
struct Quantity {
  std::string text;
  std::function<double(const RecordedPlacement&, const RecordedNode&)> of;
};

struct RuleExplanation {
  std::string text;  // how the rule chooses
  // What it compares, in this order: by the next one only where no node is in question by those
  // before it.
  std::vector<Quantity> quantities;
  // What else decides and is not in the record; empty: nothing, so the quantities tell all.
  std::string not_recorded;
};

// Of a policy's name with its parameters. Nothing for a rule that is not in the list. Throws Error
// for parameters that the rule does not have.
std::optional<RuleExplanation> explanation_of(std::string_view policy);

}  // namespace weir
