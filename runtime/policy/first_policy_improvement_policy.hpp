// `first_policy_improvement` (FPI): one step of policy iteration from random placement. K. R.
// Krishnan, "Joining the right queue: a Markov decision rule", IEEE CDC, 1987, and "Joining the
// right queue: a state-dependent decision rule", IEEE Trans. Automatic Control 35(1), 1990.
//
// Were all tasks placed at random in proportion to capacity, each node would be an M/M/c queue of
// the same load rho, and its value function says what one more task among n would cost, now and
// later: its own wait and service, and the wait of those behind it (queue_values.hpp). The task
// goes where that is least: argmin E[S] (v(n+1) - v(n)). Unlike shortest_expected_delay it leaves
// fast nodes before they queue.
//
// rho is measured: tasks in the reports (load_estimate.hpp).
//
// `first_policy_improvement_class_aware` takes the measured service of the task's class as E[S].

#pragma once

#include <cstddef>
#include <vector>

#include "runtime/policy/load_estimate.hpp"
#include "runtime/policy/node_services.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/policy/queue_values.hpp"

namespace weir {

struct FirstPolicyImprovementOptions {
  SpeedBasis speeds = SpeedBasis::kMeasured;
  // Own tasks placed since a node's report count this x dispatchers.
  double own_weight = 1;
};

// n is estimated_tasks(). Two passes; the values are made anew when the load has moved by 1 %.
class FirstPolicyImprovementPolicy final : public Policy {
 public:
  explicit FirstPolicyImprovementPolicy(FirstPolicyImprovementOptions options = {});

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_report(const NodeView& node) override { load_.on_report(node); }

 private:
  struct Values {
    double cores;
    QueueValues of_queue;
  };

  void follow_load();
  const QueueValues& values_of(const NodeView& node);

  FirstPolicyImprovementOptions options_;
  LoadEstimate load_;
  double values_load_ = 0;                 // for which values_ were made
  std::vector<Values> values_;             // one for every number of cores
  std::vector<std::size_t> values_index_;  // by rank
};

}  // namespace weir
