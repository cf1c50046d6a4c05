// Who decided, in the result of a run whose policy has learned.

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "runtime/base/bytes.hpp"
#include "runtime/policy/decision_counts.hpp"

namespace weir {

void encode(const DecisionCounts& counts, ByteWriter& out);
DecisionCounts decode_decision_counts(ByteReader& in);

// Lines of the summary; none where nothing was placed.
void print_learned_decisions(const DecisionCounts& counts, std::ostream& out);
nlohmann::json learned_decisions_json(const DecisionCounts& counts);

}  // namespace weir
