#include "runtime/policy/observed_policy.hpp"

#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

ObservedPolicy::ObservedPolicy(std::unique_ptr<Policy> observed, PlacementObserver& observer)
    : observed_(std::move(observed)), observer_(observer) {
  WEIR_CHECK(observed_ != nullptr, "no policy to observe");
}

RankId ObservedPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const RankId chosen = observed_->place(task, cluster);
  observer_.on_placed(task, cluster, chosen);
  return chosen;
}

void ObservedPolicy::on_report(const NodeView& node) { observed_->on_report(node); }

void ObservedPolicy::on_completion(RankId node, ClassId task_class, Duration response,
                                   Duration service) {
  observed_->on_completion(node, task_class, response, service);
}

void ObservedPolicy::on_token(RankId node) { observed_->on_token(node); }

}  // namespace weir
