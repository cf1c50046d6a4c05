// `round_robin`: the next node in the order of ranks, whatever its load, as name servers spread
// requests over hosts (T. Brisco, "DNS support for load balancing", RFC 1794, 1995).

#pragma once

#include <cstddef>

#include "runtime/policy/policy.hpp"

namespace weir {

// A home begins at its own rank, so that homes do not march in step. Constant time where all nodes
// have capacity.
class RoundRobinPolicy final : public Policy {
 public:
  explicit RoundRobinPolicy(RankId home);

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  std::size_t next_;
};

}  // namespace weir
