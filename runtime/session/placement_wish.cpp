#include "runtime/session/placement_wish.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Until the task could begin, in seconds, if it came there now.
double wait_at(const ClusterView& view, const NodeView& node, ClassId task_class) {
  const double waiting = estimated_tasks(node, homes_at(node, view)) + 1 - node.cores;
  if (waiting <= 0) return 0;
  return waiting * expected_service_s(view, node, task_class) / node.cores;
}

double tasks_per_core(const ClusterView& view, const NodeView& node) {
  return estimated_tasks(node, homes_at(node, view)) / node.cores;
}

}  // namespace

RankId wish_as_asked(const ClusterView& view, ClassId task_class, RankId asked, Duration patience) {
  double least_s = -1;
  double there_s = -1;
  for (const NodeView& node : view.nodes) {
    if (capacity(node) <= 0) continue;
    const double its_s = wait_at(view, node, task_class);
    if (least_s < 0 || its_s < least_s) least_s = its_s;
    if (node.rank == asked) there_s = its_s;
  }
  return there_s < 0 || there_s - least_s > to_seconds(patience) ? kNoRank : asked;
}

RankId wish_by_data(const ClusterView& view, ClassId task_class,
                    const std::vector<double>& fetch_seconds) {
  WEIR_CHECK(fetch_seconds.size() == view.nodes.size(), "not one time to fetch for each node");
  const NodeView* best = nullptr;
  double least_s = 0;
  double best_fetch_s = 0;
  double most_fetch_s = 0;
  for (std::size_t i = 0; i < view.nodes.size(); ++i) {
    const NodeView& node = view.nodes[i];
    if (capacity(node) <= 0) continue;
    most_fetch_s = std::max(most_fetch_s, fetch_seconds[i]);
    const double its_s = wait_at(view, node, task_class) + fetch_seconds[i];
    const bool is_better =
        best == nullptr || its_s < least_s ||
        (its_s == least_s && tasks_per_core(view, node) < tasks_per_core(view, *best));
    if (!is_better) continue;
    best = &node;
    least_s = its_s;
    best_fetch_s = fetch_seconds[i];
  }
  return best == nullptr || best_fetch_s >= most_fetch_s ? kNoRank : best->rank;
}

}  // namespace weir
