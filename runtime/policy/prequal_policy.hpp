// `prequal`: a few random nodes are asked how busy they are, ahead of the tasks that the answers
// will place. B. Wydrowski, R. Kleinberg, S. M. Rumble and A. Archer, "Load is not what you should
// balance: introducing Prequal", NSDI 2024.
//
// Every placement sends `probes_per_task` probes to different nodes, drawn uniformly; nobody waits
// for them. Answers lie in a pool (see probe_pool.hpp), of which the hot-cold rule takes one for
// each task. With m places in the pool, n nodes, and rates of r probes sent and k removed per task,
// an answer is used b = max(1, (1 + d) / ((1 - m/n) r - k)) times, rounded at random so that the
// mean is kept; so the pool gains d answers per task and stays filled. Where few nodes make the
// denominator zero or less, answers are renewed before they are spent and b has its limit. With
// fewer than two answers the node is random, with P ~ c s.
//
// What the paper does besides and this does not: probing a home that has placed nothing for a
// while. The first task after a quiet second goes to a random node.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/policy/node_sampler.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/policy/probe_pool.hpp"

namespace weir {

struct PrequalOptions {
  ProbePoolOptions pool;
  double probes_per_task = 3;  // fractions are met on average
  double removed_per_task = 1;
  double gained_per_task = 1;  // d above
};

// Uses neither reports nor own counts. A node that has not answered a probe gets no second one, so
// that a stopped node costs one probe.
class PrequalPolicy final : public Policy {
 public:
  PrequalPolicy(const PrequalOptions& options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void choose_probes(const ClusterView& cluster, std::vector<RankId>& nodes) override;
  void on_probe_answer(const ProbeReading& reading, Instant now) override;
  bool probes() const override { return true; }

  // b above, before it is rounded.
  double uses_per_answer(double node_count) const;

 private:
  // The number of whole ones: a fraction is one more with that probability.
  int rounded(double number);

  PrequalOptions options_;
  ProbePool pool_;
  Random random_;
  NodeSampler fallback_;
  NodeSampler probed_;
  std::vector<std::uint8_t> unanswered_;  // by node
  double node_count_ = 1;                 // with capacity
};

}  // namespace weir
