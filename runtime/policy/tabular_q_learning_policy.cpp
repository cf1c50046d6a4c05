#include "runtime/policy/tabular_q_learning_policy.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "runtime/base/check.hpp"
#include "runtime/base/time.hpp"

namespace weir {
namespace {

// Of the levels of load, all but the last. Finest where waiting begins; beyond, a queue that grows
// must not look like one that does not.
constexpr std::array kUpTo{.3,   .5,  .7,  .8, .9, .95, 1.01, 1.1,
                           1.25, 1.5, 2.0, 3., 5., 10., 30.,  100.};
// Of the mean response, which only untried entries need.
constexpr double kMeanGain = 0.01;

}  // namespace

TabularQLearningPolicy::TabularQLearningPolicy(TabularQLearningOptions options, Random random)
    : options_(options), random_(random) {}

std::size_t TabularQLearningPolicy::load_level(const NodeView& node, double dispatcher_count) {
  const double load = (estimated_tasks(node, dispatcher_count) + 1) / node.cores;
  return static_cast<std::size_t>(std::ranges::upper_bound(kUpTo, load) - kUpTo.begin());
}

double TabularQLearningPolicy::cost(const NodeView& node, ClassId task_class,
                                    std::size_t level) const {
  const auto& costs = nodes_[static_cast<std::size_t>(node.rank.value())].cost_s;
  const double learned = costs[task_class.value()][level];
  const double least_load = level == 0 ? 0 : kUpTo[level - 1];
  const double mean = mean_response_s_ > 0 ? mean_response_s_ : 1;
  return learned > 0 ? learned : mean * std::max(1.0, least_load);
}

RankId TabularQLearningPolicy::place(const TaskView& task, const ClusterView& cluster) {
  if (nodes_.size() < cluster.nodes.size()) nodes_.resize(cluster.nodes.size());
  const bool tries_any = random_.uniform() < options_.epsilon;
  const NodeView* best = nullptr;
  const NodeView* any = nullptr;
  double least = std::numeric_limits<double>::infinity();
  std::uint64_t nodes_seen = 0;
  for (const NodeView& node : cluster.nodes) {
    if (capacity(node) <= 0) continue;
    // Each of k nodes seen so far is `any` with probability 1/k.
    if (tries_any && random_.below(++nodes_seen) == 0) any = &node;
    const double node_cost =
        cost(node, task.task_class, load_level(node, cluster.dispatcher_count));
    if (node_cost >= least) continue;
    least = node_cost;
    best = &node;
  }
  WEIR_CHECK(best != nullptr, "no node with capacity to choose from");
  least_cost_s_ = least;
  const NodeView& chosen = tries_any ? *any : *best;
  const std::size_t level = load_level(chosen, cluster.dispatcher_count);
  remember(chosen, {task.task_class, static_cast<std::uint8_t>(level)});
  return chosen.rank;
}

void TabularQLearningPolicy::remember(const NodeView& node, Placed placed) {
  auto& under_way = nodes_[static_cast<std::size_t>(node.rank.value())].under_way;
  // Tasks that failed or were moved never come back from here.
  while (under_way.size() > node.own_in_flight) under_way.erase(under_way.begin());
  under_way.push_back(placed);
}

// Which of several tasks of a class has returned is not told: the oldest, most likely.
void TabularQLearningPolicy::on_completion(TaskId /*task*/, RankId node, ClassId task_class,
                                           Duration response, Duration /*service*/) {
  if (static_cast<std::size_t>(node.value()) >= nodes_.size()) return;
  PerNode& at = nodes_[static_cast<std::size_t>(node.value())];
  const auto placed = std::ranges::find(at.under_way, task_class, &Placed::task_class);
  if (placed == at.under_way.end()) return;
  double& cost = at.cost_s[task_class.value()][placed->load_level];
  at.under_way.erase(placed);
  const double response_s = to_seconds(response);
  mean_response_s_ += (mean_response_s_ == 0 ? 1 : kMeanGain) * (response_s - mean_response_s_);
  const double target = response_s + options_.discount * least_cost_s_;
  cost = cost == 0 ? target : cost + options_.step * (target - cost);
}

}  // namespace weir
