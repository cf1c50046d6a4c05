// `static`: a fixed, contiguous share of the tasks per node, in proportion to nominal capacity; the
// classical block distribution (A. Grama, A. Gupta, G. Karypis and V. Kumar, "Introduction to
// Parallel Computing", 2nd ed., 2003, section 3.4), applied to a stream without end.
//
// A stream is cut into periods of P tasks, one per core of the cluster. In each period node i gets
// one contiguous block of about P c_i s_i / sum(c s) tasks, in the order of ranks. The task at
// position k of period p lies at the point (k + u_p) sum(c s) / P of a line on which node i owns a
// piece of length c_i s_i. The shift u_p = frac(1/2 + p (sqrt 5 - 1)/2) moves the rounding of the
// block ends evenly, so that long-run shares are exact.

#pragma once

#include "runtime/policy/policy.hpp"

namespace weir {

// A function of the task's index in its stream and the nominal capacities, the same at every home:
// no report, no count, no state. Two passes.
class StaticPolicy final : public Policy {
 public:
  RankId place(const TaskView& task, const ClusterView& cluster) override;
};

}  // namespace weir
