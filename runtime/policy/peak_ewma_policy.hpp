// `peak_ewma`: the better of two nodes drawn at random, by the response times this home has had
// from them: argmin ewma x (own + 1). The "Peak EWMA" of Twitter's Finagle (M. Oberkirch and
// others, finagle-core, 2015; also in linkerd).
//
// The average jumps to a response that is longer than it and forgets long ones slowly, so that a
// node that begins to be slow is left at once. A node without a completed task counts as free, but
// a second task does not go there before the first is back, unless all drawn are such.
//
// Nodes of several cores are outside the original, which counts requests, not requests per core;
// with `per_core` = 1 nodes are drawn with P ~ c s and the cost is ewma (own + 1) / c.

#pragma once

#include <cstddef>
#include <vector>

#include "runtime/policy/node_sampler.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct PeakEwmaOptions {
  // What a response shorter than the average takes off it: this share of the difference.
  double gain = 0.05;
  bool per_core = false;
};

// Reads no report. Constant time.
class PeakEwmaPolicy final : public Policy {
 public:
  PeakEwmaPolicy(PeakEwmaOptions options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_completion(TaskId task, RankId node, ClassId task_class, Duration response,
                     Duration service) override;

 private:
  double cost(const NodeView& node) const;

  PeakEwmaOptions options_;
  NodeSampler sampler_;
  std::vector<double> ewma_s_;  // by rank; zero: no response yet
};

}  // namespace weir
