#include "runtime/policy/prequal_policy.hpp"

#include <algorithm>
#include <cstddef>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Two answers are the fewest that leave a choice.
constexpr std::size_t kLeastAnswers = 2;
// An answer counts the tasks of this home that it has placed, but not those of the others.
constexpr double kMostUses = 16;
// Draws that may hit nodes already chosen, for each probe wanted.
constexpr int kDrawsPerProbe = 4;

}  // namespace

PrequalPolicy::PrequalPolicy(const PrequalOptions& options, Random random)
    : options_(options),
      pool_(options.pool),
      random_(random),
      fallback_(NodeWeight::kCapacity, Random(random_.next())),
      probed_(NodeWeight::kUniform, Random(random_.next())) {
  WEIR_CHECK(options.probes_per_task >= 0 && options.removed_per_task >= 0, "a negative rate");
}

RankId PrequalPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  pool_.drop_older_than_max_age(cluster.now);
  if (pool_.size() < kLeastAnswers) return cluster.nodes[fallback_.draw(cluster)].rank;
  const RankId node = pool_.take();
  for (int i = rounded(options_.removed_per_task); i > 0; --i) pool_.remove_one();
  return node;
}

void PrequalPolicy::choose_probes(const ClusterView& cluster, std::vector<RankId>& nodes) {
  unanswered_.resize(cluster.nodes.size());
  const int wanted = rounded(options_.probes_per_task);
  int chosen = 0;
  for (int draw = 0; chosen < wanted && draw < wanted * kDrawsPerProbe; ++draw) {
    const std::size_t node = probed_.draw(cluster);
    if (unanswered_[node] != 0) continue;
    unanswered_[node] = 1;
    nodes.push_back(cluster.nodes[node].rank);
    ++chosen;
  }
  if (wanted > 0) node_count_ = static_cast<double>(probed_.drawable_nodes());
}

void PrequalPolicy::on_probe_answer(const ProbeReading& reading, Instant now) {
  const auto node = static_cast<std::size_t>(reading.node.value());
  if (node < unanswered_.size()) unanswered_[node] = 0;
  pool_.add(reading, now, std::max(1, rounded(uses_per_answer(node_count_))));
}

double PrequalPolicy::uses_per_answer(double node_count) const {
  const double share = static_cast<double>(options_.pool.size) / node_count;
  const double spare = (1 - share) * options_.probes_per_task - options_.removed_per_task;
  if (spare <= 0) return kMostUses;
  return std::clamp((1 + options_.gained_per_task) / spare, 1.0, kMostUses);
}

int PrequalPolicy::rounded(double number) {
  const int whole = static_cast<int>(number);
  return whole + (random_.uniform() < number - whole ? 1 : 0);
}

}  // namespace weir
