// `tabular_q_learning`: learns by trial what a node's response is at each level of load. C. J. C.
// H. Watkins and P. Dayan, "Q-learning", Machine Learning 8, 1992; as a resource manager, G.
// Tesauro, N. K. Jong, R. Das and M. N. Bennani, "A hybrid reinforcement learning approach to
// autonomic resource allocation", IEEE ICAC, 2006.
//
// The table holds an expected cost Q for every (class, node, load of the node), the load n / c in
// steps. A task goes to the node of least Q, and with probability epsilon to any. When it returns,
// the entry under which it was placed moves toward its response time + discount x the least Q of
// the latest choice. An entry not yet tried is taken for a mean response, more where tasks would
// wait: were it free, every node would first be overloaded to see what that is like.
//
// A comparator: it knows nothing of speeds beyond what it has tried itself.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct TabularQLearningOptions {
  double epsilon = 0.02;
  double step = 0.05;  // share of the difference by which an entry moves
  double discount = 0;
};

// n is estimated_tasks(). One pass; a completion costs as many steps as own tasks are at the node.
class TabularQLearningPolicy final : public Policy {
 public:
  TabularQLearningPolicy(TabularQLearningOptions options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_completion(TaskId task, RankId node, ClassId task_class, Duration response,
                     Duration service) override;

 private:
  static constexpr std::size_t kLoadLevels = 17;

  struct Placed {
    ClassId task_class;
    std::uint8_t load_level;
  };
  struct PerNode {
    double cost_s[kMaxClasses][kLoadLevels] = {};  // Q; zero: not tried
    std::vector<Placed> under_way;                 // oldest first
  };

  static std::size_t load_level(const NodeView& node, double dispatcher_count);
  double cost(const NodeView& node, ClassId task_class, std::size_t level) const;
  void remember(const NodeView& node, Placed placed);

  TabularQLearningOptions options_;
  Random random_;
  std::vector<PerNode> nodes_;  // by rank
  double mean_response_s_ = 0;
  double least_cost_s_ = 0;  // at the latest choice
};

}  // namespace weir
