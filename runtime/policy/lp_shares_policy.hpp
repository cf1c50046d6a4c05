// `lp_shares`: each class divides over the nodes as the planner of the job says
// (lp_share_planner.hpp), spread as evenly as possible by a smooth weighted round robin per class.
// A static split by the static planning problem, renewed many times a second from measurements; so
// it sustains loads that rules blind to classes cannot where a node is fast for some classes and
// slow for others.
//
// `lp_shares_fastest_idle`: the fastest node for the class that is idle by own counts, as in
// join-fastest-idle-local, as long as it has had at most `burst` tasks more than its share; where
// there is none, the round robin. Without that limit a fast node for one class is filled with
// another one, and a small share that the plan gives to a slow node grows into a large one.
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
  // Prefer the fastest idle node.
  bool fastest_idle = false;
  // Tasks of a class that an idle node may be given beyond its share, by each home.
  double burst = 4;
  // Of each class, spread over all nodes.
  double explored_share = 0.01;
};

// Two passes; with fastest_idle four.
class LpSharesPolicy final : public Policy {
 public:
  // `random` decides where in its round each home begins, so that homes do not march in step.
  LpSharesPolicy(const LpSharesOptions& options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_directive(const Directive& directive) override { weights_ = directive.weights; }
  void on_directive_expired() override { weights_.clear(); }
  std::unique_ptr<Planner> make_planner(int level) const override;

 private:
  std::size_t most_credit(ClassId task_class, const ClusterView& cluster,
                          std::vector<double>& credits);
  std::size_t fastest_idle_in_credit(const TaskView& task, const ClusterView& cluster,
                                     const std::vector<double>& credits,
                                     std::size_t otherwise) const;

  LpSharesOptions options_;
  Random random_;
  std::vector<std::vector<float>> weights_;               // by class, then by node
  std::array<std::vector<double>, kMaxClasses> credits_;  // by node
};

}  // namespace weir
