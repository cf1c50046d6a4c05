// In which worlds a learned placement policy is judged.

#pragma once

#include <filesystem>
#include <vector>

#include "tools/experiment/experiment.hpp"

namespace weir {

enum class EvaluationSize : std::uint8_t {
  kQuick,  // five worlds, some minutes for all
  kWhole,  // every scenario, loads from .5 to 1, other numbers of nodes and homes, unseen streams
};

// From the scenario files in `folder`, with other loads, nodes and streams. Names say what was
// changed: "combined load=0.8". Throws Error for a file that is missing.
std::vector<NamedScenario> evaluation_scenarios(const std::filesystem::path& folder,
                                                EvaluationSize size);

// FILE or FILE@NAME=VALUE@..., named by the file and what was changed. Throws Error for what is no
// scenario, for a NAME that comes twice, and for a policy, a seed or weights behind an @: those are
// the evaluation's.
NamedScenario scenario_with_changes(const std::string& text);

}  // namespace weir
