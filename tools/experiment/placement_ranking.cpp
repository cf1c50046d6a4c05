#include "tools/experiment/placement_ranking.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

namespace weir {
namespace {

const std::map<std::string_view, RuleExplanation>& rules() {
  using enum Quantity;
  static const std::map<std::string_view, RuleExplanation> all{
      {"static", {"a fixed share of the tasks for each node; it looks at no load", {}}},
      {"round_robin", {"the next node in turn; it looks at no load", {}}},
      {"weighted_round_robin", {"the next node in turn, by capacity; it looks at no load", {}}},
      {"random", {"any node; it looks at no load", {}}},
      {"weighted_random", {"any node, by capacity; it looks at no load", {}}},
      {"power_of_two", {"the node with fewer tasks among a few drawn at random", {kTasks}}},
      {"weighted_power_of_two",
       {"the less loaded node among a few drawn at random", {kTasksPerSpeed}}},
      {"join_shortest_queue", {"the node with the fewest tasks", {kTasks}}},
      {"weighted_least_connections",
       {"the node with the fewest tasks for its capacity", {kTasksPerSpeed}}},
      {"weighted_least_connections_class_aware",
       {"the node with the fewest tasks for its measured rate of the class", {kTasksPerSpeed}}},
      {"least_outstanding",
       {"the node with the fewest of this home's own tasks for its capacity", {kOwnPerSpeed}}},
      {"join_idle_queue", {"a node that said it is idle, else a random one", {kTasks}}},
      {"join_fastest_idle",
       {"the fastest node with a free core by reports, else the least loaded one",
        {kDelay, kTasksPerSpeed}}},
      {"join_fastest_idle_class_aware",
       {"the node that is fastest for the class and has a free core by reports, else the least "
        "loaded one",
        {kDelay, kTasksPerSpeed}}},
      {"join_fastest_idle_local",
       {"the fastest node that has a free core by own counts, D(own+1) <= c, else the one with "
        "the fewest own tasks for its capacity",
        {kService, kOwnPerSpeed}}},
      {"join_fastest_idle_local_class_aware",
       {"the node that is fastest for the class and has a free core by own counts, D(own+1) <= c, "
        "else the one with the fewest own tasks for its capacity",
        {kService, kOwnPerSpeed}}},
      {"shortest_expected_delay", {"the node with the least expected wait and service", {kDelay}}},
      {"work_stealing", {"the home itself; idle nodes take tasks from there", {}}}};
  return all;
}

}  // namespace

std::string text_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::kTasks:
      return "estimated tasks";
    case Quantity::kTasksPerSpeed:
      return "(tasks + 1) / (cores x speed)";
    case Quantity::kOwnPerSpeed:
      return "(own + 1) / (cores x speed)";
    case Quantity::kService:
      return "expected service";
    case Quantity::kDelay:
      return "expected wait and service";
  }
  return {};
}

RuleExplanation explanation_of(std::string_view policy) {
  policy = policy.substr(0, policy.find_first_of(":+"));
  const auto rule = rules().find(policy);
  if (rule != rules().end()) return rule->second;
  return {"a rule that ranks by more than what is recorded", {}};
}

double quantity_of(const RecordedPlacement& placement, const RecordedNode& node,
                   Quantity quantity) {
  const NodeView& view = node.view;
  const double tasks = estimated_tasks(view, placement.dispatcher_count);
  if (capacity(view) <= 0) return std::numeric_limits<double>::infinity();
  switch (quantity) {
    case Quantity::kTasks:
      return tasks;
    case Quantity::kTasksPerSpeed:
      return (tasks + 1) / capacity(view);
    case Quantity::kOwnPerSpeed:
      return (view.own_in_flight + 1.0) / capacity(view);
    case Quantity::kService:
      return node.expected_service_s;
    case Quantity::kDelay:
      return node.expected_service_s * (1 + std::max(0.0, tasks + 1 - view.cores) / view.cores);
  }
  return 0;
}

std::vector<std::size_t> ranking_of(const RecordedPlacement& placement, Quantity quantity) {
  std::vector<std::size_t> order(placement.nodes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t place) {
    return quantity_of(placement, placement.nodes[place], quantity);
  });
  return order;
}

}  // namespace weir
