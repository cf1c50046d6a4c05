// Who decided, where a policy that has learned works beside a rule: its network, or the rule, and
// then why.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir {

// Why a placement was the rule's.
enum class GuardReason : std::uint8_t {
  kNotFinite,          // the network gave what is not a number
  kOutOfDistribution,  // the node that was chosen is like none in training: its service was
                       // corrected as that of the others
  kUntold,             // a candidate has told nothing of the class
  kTooSlow,            // it takes too long to think
  kWorseEstimates,     // what it says of service times is worse than what nodes tell
  kSlowerResponses,    // responses are slower than with the rule
  kComparison,         // nothing is wrong: the rule has its turn, so that the two can be compared
  kCount
};
inline constexpr std::size_t kGuardReasons = static_cast<std::size_t>(GuardReason::kCount);

// As in records: "not_finite".
std::string_view name_of(GuardReason reason);

// Of one home, or added up over several.
struct DecisionCounts {
  struct OfReason {
    std::uint64_t placements = 0;
    std::uint64_t times = 0;  // that it came up: one for many placements where it lasts
    friend bool operator==(const OfReason&, const OfReason&) = default;
  };

  std::uint64_t placements = 0;
  std::uint64_t differing = 0;  // the network's own: the rule would have chosen another node
  std::array<OfReason, kGuardReasons> by_reason{};
  // Directives of coordinators with a network of their own, and those of them that priced some node
  // otherwise than the rule does.
  std::uint64_t directives = 0;
  std::uint64_t pricing_directives = 0;

  OfReason& operator[](GuardReason reason) { return by_reason[static_cast<std::size_t>(reason)]; }
  const OfReason& operator[](GuardReason reason) const {
    return by_reason[static_cast<std::size_t>(reason)];
  }
  DecisionCounts& operator+=(const DecisionCounts& other);
  // What came after `earlier`, which is of the same home.
  DecisionCounts since(const DecisionCounts& earlier) const;
  friend bool operator==(const DecisionCounts&, const DecisionCounts&) = default;
};

}  // namespace weir
