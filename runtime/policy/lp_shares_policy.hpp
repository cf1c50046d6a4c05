// `lp_shares`: each class divides over the nodes as the planner of the job says
// (lp_share_planner.hpp), spread as evenly as possible by a smooth weighted round robin per class.
// A static split by the static planning problem, renewed many times a second from measurements; so
// it sustains loads that rules blind to classes cannot where a node is fast for some classes and
// slow for others.
//
// `lp_shares_fastest_idle`: of the nodes that have a share of the class, the fastest for it that is
// idle by own counts, as in join-fastest-idle-local; where none is, the round robin.
//
// A little of each class goes everywhere, by nominal capacity, so that no measurement grows old.
// Until the first directive, and when none has come for too long, all of it does.

#pragma once

#include <array>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/policy/lp_share_planner.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct LpSharesOptions {
  LpShareOptions planner;
  // Prefer the fastest idle node that has a share.
  bool fastest_idle = false;
  // Of each class, spread over all nodes.
  double explored_share = 0.01;
};

// Two passes, or three.
class LpSharesPolicy final : public Policy {
 public:
  // `random` decides where in its round each home begins, so that homes do not march in step.
  LpSharesPolicy(const LpSharesOptions& options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_directive(const Directive& directive) override { weights_ = directive.weights; }
  void on_directive_expired() override { weights_.clear(); }
  std::unique_ptr<Planner> make_planner() const override;

 private:
  // By node; empty: no advice for the class.
  std::span<const float> weights_of(ClassId task_class) const;
  RankId idle_node(const TaskView& task, const ClusterView& cluster) const;
  std::size_t next_in_round(const TaskView& task, const ClusterView& cluster);

  LpSharesOptions options_;
  Random random_;
  std::vector<std::vector<float>> weights_;               // by class, then by node
  std::array<std::vector<double>, kMaxClasses> credits_;  // by node
};

}  // namespace weir
