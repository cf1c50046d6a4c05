// Who decided, in the result of a run whose policy has learned or whose class limits are corrected.

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "runtime/base/bytes.hpp"
#include "runtime/control/node_agent.hpp"
#include "runtime/policy/decision_counts.hpp"

namespace weir {

void encode(const DecisionCounts& counts, ByteWriter& out);
DecisionCounts decode_decision_counts(ByteReader& in);

// Lines of the summary; none where nothing was placed.
void print_learned_decisions(const DecisionCounts& counts, std::ostream& out);
nlohmann::json learned_decisions_json(const DecisionCounts& counts);

// The same of what corrects class limits; no lines where nothing does.
void print_limit_decisions(const NodeAgentCounts& counts, std::ostream& out);
nlohmann::json limit_decisions_json(const NodeAgentCounts& counts);

}  // namespace weir
