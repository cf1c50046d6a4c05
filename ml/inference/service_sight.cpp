#include "ml/inference/service_sight.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.hpp"

namespace weir {

void ServiceSight::look(const ClusterView& cluster, ClassId task_class) {
  task_class_ = task_class;
  kinds_.clear();
  for (const NodeView& node : cluster.nodes) {
    if (capacity(node) <= 0) continue;
    const std::size_t i = task_class.value();
    Known& known = known_of(node.rank);
    if (known.told_s[i] != node.mean_service_s[i]) {
      known.told_s[i] = node.mean_service_s[i];
      known.told_logarithm[i] = std::log(known.told_s[i]);
    }
    if (known.told_s[i] <= 0) continue;
    Kind& kind = kind_of(node);
    kind.logarithms += known.told_logarithm[i];
    kind.count += 1;
  }
}

ServiceFeatures ServiceSight::features_of(const NodeView& node, const ClusterView& cluster) const {
  const auto kind = std::ranges::find_if(kinds_, [&](const Kind& each) {
    return each.cores == node.cores && each.speed == node.speed;
  });
  WEIR_CHECK(kind != kinds_.end(), "a node that was not looked at");
  const OwnCompletions& own = known_[static_cast<std::size_t>(node.rank.value())].own;
  return service_features(node, task_class_, homes_at(node, cluster),
                          std::exp(kind->logarithms / kind->count), own, cluster.now);
}

void ServiceSight::on_completion(RankId node, ClassId task_class, Duration service, Instant now) {
  Known& known = known_of(node);
  const double told_s = known.told_s[task_class.value()];
  if (told_s > 0) known.own.add(to_seconds(service) / told_s, now);
}

ServiceSight::Kind& ServiceSight::kind_of(const NodeView& node) {
  for (Kind& kind : kinds_) {
    if (kind.cores == node.cores && kind.speed == node.speed) return kind;
  }
  return kinds_.emplace_back(Kind{.cores = node.cores, .speed = node.speed});
}

ServiceSight::Known& ServiceSight::known_of(RankId node) {
  const auto position = static_cast<std::size_t>(node.value());
  if (position >= known_.size()) known_.resize(position + 1);
  return known_[position];
}

}  // namespace weir
