#include "runtime/policy/probe_pool.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>

#include "runtime/base/check.hpp"

namespace weir {

ProbePool::ProbePool(const ProbePoolOptions& options) : options_(options) {
  WEIR_CHECK(options.size > 0, "a pool of probes without room");
  WEIR_CHECK(options.quantile >= 0 && options.quantile <= 1, "a quantile outside 0 to 1");
  probes_.reserve(options.size);
}

void ProbePool::add(const ProbeReading& reading, Instant now, int uses) {
  std::erase_if(probes_, [&](const Probe& probe) { return probe.node == reading.node; });
  if (probes_.size() == options_.size) probes_.erase(probes_.begin());
  const double unit = options_.per_core ? 1 / std::max(1.0, reading.cores) : 1;
  probes_.push_back({reading.node, reading.in_flight * unit, unit, reading.latency, now, uses});
}

void ProbePool::drop_older_than_max_age(Instant now) {
  std::erase_if(probes_, [&](const Probe& probe) { return now - probe.heard > options_.max_age; });
}

double ProbePool::hot_above() const {
  std::vector<double> loads;
  loads.reserve(probes_.size());
  for (const Probe& probe : probes_) loads.push_back(probe.load);
  const double position = std::ceil(options_.quantile * static_cast<double>(loads.size())) - 1;
  const auto at = loads.begin() + static_cast<std::ptrdiff_t>(std::max(0.0, position));
  std::ranges::nth_element(loads, at);
  return *at;
}

RankId ProbePool::take() {
  WEIR_CHECK(!probes_.empty(), "no probe to choose from");
  const double limit = hot_above();
  // At least one is cold: the quantile is one of the loads.
  auto best = probes_.end();
  for (auto probe = probes_.begin(); probe != probes_.end(); ++probe) {
    if (probe->load > limit) continue;
    const auto rank = [](const Probe& p) { return std::tuple(p.latency, p.load, p.node); };
    if (best == probes_.end() || rank(*probe) < rank(*best)) best = probe;
  }
  const RankId node = best->node;
  best->load += best->load_of_a_task;
  if (--best->uses_left == 0) probes_.erase(best);
  return node;
}

void ProbePool::remove_one() {
  if (probes_.empty()) return;
  auto removed = probes_.begin();
  if (worst_is_next_) {
    const double limit = hot_above();
    const auto badness = [&](const Probe& p) {
      const bool hot = p.load > limit;
      return std::tuple(hot, hot ? p.load : to_seconds(p.latency));
    };
    removed = std::ranges::max_element(probes_, {}, badness);
  }
  probes_.erase(removed);
  worst_is_next_ = !worst_is_next_;
}

}  // namespace weir
