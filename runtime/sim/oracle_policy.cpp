#include "runtime/sim/oracle_policy.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

void OracleView::add_node(ServiceModel model, const RankClock& clock) {
  nodes_.push_back({.model = std::move(model), .clock = clock});
  ++available_count_;
}

void OracleView::set_available(RankId node, bool available) {
  Node& its_node = nodes_[static_cast<std::size_t>(node.value())];
  if (its_node.available == available) return;
  its_node.available = available;
  if (available) {
    ++available_count_;
  } else {
    --available_count_;
  }
}

RankId OracleView::place(const TaskHeader& task) {
  WEIR_CHECK(!nodes_.empty(), "an oracle of no nodes");
  std::size_t best = 0;
  Estimate least{.cost_s = std::numeric_limits<double>::infinity()};
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].available && available_count_ > 0) continue;
    const Estimate found = estimate(nodes_[i], task);
    if (found.cost_s < least.cost_s) {
      least = found;
      best = i;
    }
  }
  Node& chosen = nodes_[best];
  const bool hungry = chosen.model.is_hungry(task.task_class);
  chosen.hungry_count += hungry ? 1 : 0;
  const auto later = std::ranges::upper_bound(chosen.tasks, least.ends, {}, &Placed::ends);
  chosen.tasks.insert(later, {least.ends, task.id, hungry});
  return RankId(static_cast<std::int32_t>(best));
}

OracleView::Estimate OracleView::estimate(Node& node, const TaskHeader& task) const {
  const ServiceModel& model = node.model;
  // First come first served: it starts when so many have ended that a core is free.
  const auto cores = static_cast<std::size_t>(model.cores());
  const bool waits = node.tasks.size() >= cores;
  const SimTime start = waits ? std::max(now_, node.tasks[node.tasks.size() - cores].ends) : now_;

  const double work_s =
      knowledge_.knows_sizes ? model.work_s(task) : model.mean_work_s(task.task_class);
  const SimTime known_at = std::max(SimTime{}, now_ - knowledge_.speed_delay);
  double service_s = work_s / node.model.node_speed().at(node.clock.local(known_at));
  double harm_s = 0;
  if (model.is_hungry(task.task_class)) {
    // Spread evenly over its memory domains.
    const double domains = model.memory_domains();
    const double slower = model.interference_factor((node.hungry_count + 1) / domains);
    service_s *= slower;
    // While it runs, each of the others does only so much of what it would do without it.
    const double still_done = model.interference_factor(node.hungry_count / domains) / slower;
    harm_s = node.hungry_count * service_s * (1 - still_done);
  }
  if (waits) harm_s += service_s;
  const Duration service = from_seconds(std::min(service_s, kLongestServiceS));
  return {start + service, to_seconds(start - now_) + service_s + harm_s};
}

void OracleView::on_completed(RankId node, TaskId task) {
  Node& its_node = nodes_[static_cast<std::size_t>(node.value())];
  const auto ended = std::ranges::find(its_node.tasks, task, &Placed::id);
  WEIR_CHECK(ended != its_node.tasks.end(), "a task came back from where it was not placed");
  its_node.hungry_count -= ended->hungry ? 1 : 0;
  its_node.tasks.erase(ended);
}

RankId OraclePolicy::place(const TaskView& task, const ClusterView& /*cluster*/) {
  TaskHeader header;
  header.id = task.id;
  header.task_class = task.task_class;
  return view_.place(header);
}

}  // namespace weir
