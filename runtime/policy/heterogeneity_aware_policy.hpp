// `heterogeneity_aware_jiq_d` and `heterogeneity_aware_jsq_d`: ask d nodes, fast and slow ones with
// probabilities that suit the load. K. Gardner, J. Abdul Jaleel, A. Wickeham and S. Doroudi,
// "Scalable load balancing in the presence of heterogeneous servers", Performance Evaluation 145,
// 2021.
//
// Nodes of equal speed and cores are a group; the query probabilities of the groups are optimized
// for the measured load (query_mix.hpp, load_estimate.hpp). The task goes to the fastest node asked
// that has an idle core, n + 1 <= c. Without one JIQ-d takes any node asked, JSQ-d the one with the
// least (n + 1) / (c s). The probabilities are those of JIQ-d for both, which is what the paper
// recommends at light and usual loads.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/policy/load_estimate.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct HeterogeneityAwareOptions {
  int asked_nodes = 2;  // at least 1
  // Without an idle node the least loaded, not any.
  bool shortest_queue = false;
  // Own tasks placed since a node's report count this x dispatchers.
  double own_weight = 1;
};

// n is estimated_tasks(). Time grows with d; probabilities are made anew when the load has moved by
// 5 % or a node has changed, which is seen after at most as many choices as there are nodes.
class HeterogeneityAwarePolicy final : public Policy {
 public:
  HeterogeneityAwarePolicy(HeterogeneityAwareOptions options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_report(const NodeView& node) override { load_.on_report(node); }

 private:
  struct Group {
    std::size_t first;  // in by_speed_
    std::size_t count;
    double query_up_to;  // sum of the probabilities up to this group
  };

  bool is_current(const ClusterView& cluster, std::size_t position) const;
  void rebuild(const ClusterView& cluster);
  std::size_t draw(const ClusterView& cluster);

  HeterogeneityAwareOptions options_;
  Random random_;
  LoadEstimate load_;
  double mix_load_ = 0;                  // for which the probabilities were made
  std::vector<double> capacities_;       // for which, by position in the view
  std::vector<std::uint32_t> by_speed_;  // positions of nodes with capacity, fastest first
  std::vector<Group> groups_;
  std::size_t next_to_compare_ = 0;
};

}  // namespace weir
