// Why a rule chose a node: the quantity that it makes least, recomputed from what was recorded with
// the same functions that policies use.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/experiment/recorded_task.hpp"

namespace weir {

enum class Quantity : std::uint8_t {
  kTasks,          // estimated tasks at the node
  kTasksPerSpeed,  // (tasks + 1) / (cores x speed)
  kOwnPerSpeed,    // (own + 1) / (cores x speed)
  kService,        // expected service
  kDelay,          // expected wait and service
};
std::string text_of(Quantity quantity);

struct RuleExplanation {
  std::string text;                  // a sentence: how the rule chooses
  std::vector<Quantity> quantities;  // it ranks by; empty: by none of those recorded
};

// Of a name with or without parameters and "+work_stealing". A rule that is not known here ranks by
// none.
RuleExplanation explanation_of(std::string_view policy);

double quantity_of(const RecordedPlacement& placement, const RecordedNode& node, Quantity quantity);

// Places of the nodes, least first; ties and nodes that take no tasks as rules have them: the lower
// rank first, and the others last.
std::vector<std::size_t> ranking_of(const RecordedPlacement& placement, Quantity quantity);

}  // namespace weir
