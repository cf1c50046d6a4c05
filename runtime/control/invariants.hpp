// What must hold at every rank between two events, and over all ranks at the end of a run. Pure:
// plain counts in, the first broken rule out. An agent in assertion mode checks itself in every
// round (NodeAgentOptions::check_invariants); it costs a pass over its tasks and nodes.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir {

// What one agent holds.
struct AgentState {
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;
  std::uint64_t retried = 0;
  std::uint64_t reissued = 0;    // attempts that took the place of another that may still run
  std::uint64_t stale_ends = 0;  // of attempts that count no longer
  std::uint64_t ends_heard = 0;  // of attempts of this home, those that count no longer included
  std::uint64_t never_ran = 0;   // ends of attempts that never reached a node

  std::uint64_t in_table = 0;
  std::uint64_t most_in_table = 0;
  std::uint64_t nowhere_in_table = 0;  // tasks that no node has asked for
  std::uint64_t unbound = 0;           // the same, as kept by UnboundTasks

  struct OfNode {
    std::array<std::uint32_t, kMaxClasses> in_table{};  // tasks of this home there, by class
    std::array<std::uint32_t, kMaxClasses> counted{};   // the same, as the policy sees it
    std::uint32_t credit = 0;
    bool suspected = false;
    bool has_capacity = true;
  };
  std::vector<OfNode> nodes;  // empty at a rank that has placed nothing
  std::uint32_t most_credit = 0;

  std::uint64_t queued = 0;  // at this node
  std::uint64_t most_queued = 0;
};

// Empty: everything holds.
std::string broken_rule(const AgentState& state);

// What one rank has done when its run ends.
struct RankTotals {
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;
  std::uint64_t reissued = 0;
  std::uint64_t ends_heard = 0;
  std::uint64_t attempts_ended = 0;  // at this node, whoever's
  std::uint64_t moved_in = 0;
  std::uint64_t moved_out = 0;
  std::uint64_t offered = 0;  // and not answered: the end of the run may overtake the answer
};

// Of all ranks together. Empty: everything holds.
std::string broken_rule(std::span<const RankTotals> ranks);

}  // namespace weir
