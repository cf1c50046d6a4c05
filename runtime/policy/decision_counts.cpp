#include "runtime/policy/decision_counts.hpp"

#include "runtime/base/check.hpp"

namespace weir {

std::string_view name_of(GuardReason reason) {
  static constexpr std::array<std::string_view, kGuardReasons> kNames{
      "not_finite",      "out_of_distribution", "untold",    "too_slow",
      "worse_estimates", "slower_responses",    "comparison"};
  WEIR_CHECK(reason < GuardReason::kCount, "no reason");
  return kNames[static_cast<std::size_t>(reason)];
}

DecisionCounts& DecisionCounts::operator+=(const DecisionCounts& other) {
  placements += other.placements;
  differing += other.differing;
  directives += other.directives;
  pricing_directives += other.pricing_directives;
  for (std::size_t i = 0; i < kGuardReasons; ++i) {
    by_reason[i].placements += other.by_reason[i].placements;
    by_reason[i].times += other.by_reason[i].times;
  }
  return *this;
}

DecisionCounts DecisionCounts::since(const DecisionCounts& earlier) const {
  DecisionCounts later = *this;
  later.placements -= earlier.placements;
  later.differing -= earlier.differing;
  later.directives -= earlier.directives;
  later.pricing_directives -= earlier.pricing_directives;
  for (std::size_t i = 0; i < kGuardReasons; ++i) {
    later.by_reason[i].placements -= earlier.by_reason[i].placements;
    later.by_reason[i].times -= earlier.by_reason[i].times;
  }
  return later;
}

}  // namespace weir
