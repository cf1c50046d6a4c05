#include "tools/result/learned_decisions.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

namespace weir {
namespace {

std::string percent_of(std::uint64_t part, std::uint64_t all) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f%%",
                100 * static_cast<double>(part) / static_cast<double>(all));
  return text;
}

}  // namespace

void encode(const DecisionCounts& counts, ByteWriter& out) {
  out.number(counts.placements);
  out.number(counts.differing);
  out.number(counts.directives);
  out.number(counts.pricing_directives);
  for (const DecisionCounts::OfReason& reason : counts.by_reason) {
    out.number(reason.placements);
    out.number(reason.times);
  }
}

DecisionCounts decode_decision_counts(ByteReader& in) {
  DecisionCounts counts;
  counts.placements = in.number<std::uint64_t>();
  counts.differing = in.number<std::uint64_t>();
  counts.directives = in.number<std::uint64_t>();
  counts.pricing_directives = in.number<std::uint64_t>();
  for (DecisionCounts::OfReason& reason : counts.by_reason) {
    reason.placements = in.number<std::uint64_t>();
    reason.times = in.number<std::uint64_t>();
  }
  return counts;
}

void print_learned_decisions(const DecisionCounts& counts, std::ostream& out) {
  if (counts.placements == 0) return;
  out << "  learned      " << percent_of(counts.differing, counts.placements)
      << " of the placements other than the rule's\n";
  for (std::size_t i = 0; i < kGuardReasons; ++i) {
    const DecisionCounts::OfReason& reason = counts.by_reason[i];
    if (reason.placements == 0) continue;
    out << "               " << percent_of(reason.placements, counts.placements)
        << " left to the rule: " << name_of(static_cast<GuardReason>(i)) << ", " << reason.times
        << (reason.times == 1 ? " time\n" : " times\n");
  }
  if (counts.directives == 0) return;
  out << "  control      " << percent_of(counts.pricing_directives, counts.directives)
      << " of the directives with prices other than the rule's\n";
}

nlohmann::json learned_decisions_json(const DecisionCounts& counts) {
  nlohmann::json json{{"placements", counts.placements}, {"differing", counts.differing}};
  if (counts.directives > 0) {
    json["control"] = {{"directives", counts.directives}, {"differing", counts.pricing_directives}};
  }
  for (std::size_t i = 0; i < kGuardReasons; ++i) {
    const DecisionCounts::OfReason& reason = counts.by_reason[i];
    json["left_to_rule"][std::string(name_of(static_cast<GuardReason>(i)))] = {
        {"placements", reason.placements}, {"times", reason.times}};
  }
  return json;
}

void print_limit_decisions(const NodeAgentCounts& counts, std::ostream& out) {
  if (counts.limit_decisions == 0) return;
  out << "  limits       " << percent_of(counts.limits_differing, counts.limit_decisions)
      << " of the class limits asked about other than the rule's\n";
}

nlohmann::json limit_decisions_json(const NodeAgentCounts& counts) {
  return {
      {"control", {{"decisions", counts.limit_decisions}, {"differing", counts.limits_differing}}}};
}

}  // namespace weir
