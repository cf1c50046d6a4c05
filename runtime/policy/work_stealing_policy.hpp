// `work_stealing`: a task stays at its home, and idle nodes take tasks from loaded ones. R. D.
// Blumofe and C. E. Leiserson, "Scheduling multithreaded computations by work stealing", J. ACM
// 46(5), 1999; between machines D. L. Eager, E. D. Lazowska and J. Zahorjan, "A comparison of
// receiver-initiated and sender-initiated adaptive load sharing", Performance Evaluation 6(1),
// 1986.
//
// `NAME+work_stealing`: tasks are placed by policy NAME, and idle nodes steal besides.

#pragma once

#include <memory>

#include "runtime/policy/policy.hpp"

namespace weir {

// Stealing itself is done by the nodes; this says only that they should. A home without capacity
// places on the node with the fewest of its own tasks, argmin (own + 1) / (c s). Constant time
// otherwise.
class WorkStealingPolicy final : public Policy {
 public:
  RankId place(const TaskView& task, const ClusterView& cluster) override;
  bool steals() const override { return true; }
};

// As `placing`, with stealing.
class PolicyWithWorkStealing final : public Policy {
 public:
  explicit PolicyWithWorkStealing(std::unique_ptr<Policy> placing);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_report(const NodeView& node) override;
  void on_completion(RankId node, ClassId task_class, Duration response, Duration service) override;
  void on_token(RankId node) override;
  void on_directive(const Directive& directive) override { placing_->on_directive(directive); }
  void on_directive_expired() override { placing_->on_directive_expired(); }
  std::unique_ptr<Planner> make_planner() const override { return placing_->make_planner(); }
  bool wants_tokens() const override { return placing_->wants_tokens(); }
  bool steals() const override { return true; }

 private:
  std::unique_ptr<Policy> placing_;
};

}  // namespace weir
