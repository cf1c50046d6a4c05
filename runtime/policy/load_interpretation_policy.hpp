// `load_interpretation` (LI): reads a report by its age. M. Dahlin, "Interpreting stale load
// information", IEEE Trans. Parallel and Distributed Systems 11(10), 2000 (Basic LI).
//
// Since reports of age T were made about K = lambda T tasks have been placed by all dispatchers.
// If all chose by the same reports, the choice that leaves queues level is p ~ (L mu - n)^+, where
// L is the level to which K tasks fill the reported queues n (mu = c s). Fresh reports send every
// task to the shortest queue; the older they are, the nearer the choice comes to a random one in
// proportion to capacity, which no age can mislead.
//
// lambda is what the reports say themselves: a node with r running tasks of mean service S ends,
// and in balance receives, r / S tasks a second, each during the age of its own report.

#pragma once

#include <cstddef>

#include "runtime/base/random.hpp"
#include "runtime/policy/cumulative_draw.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/policy/water_filling.hpp"

namespace weir {

struct LoadInterpretationOptions {
  // K is multiplied by this, above zero: below 1 believes reports longer.
  double discount = 1;
};

// The distribution is made anew when a sixteenth of the nodes has reported or as many tasks have
// been placed: n log n for n nodes. Otherwise log n.
class LoadInterpretationPolicy final : public Policy {
 public:
  LoadInterpretationPolicy(LoadInterpretationOptions options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_report(const NodeView& /*node*/) override { ++changes_; }

 private:
  void interpret(const ClusterView& cluster);

  LoadInterpretationOptions options_;
  Random random_;
  WaterFilling filling_;
  CumulativeDraw draw_;
  std::size_t changes_ = 0;  // reports and placements since the last look
};

}  // namespace weir
