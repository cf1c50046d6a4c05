#include "runtime/policy/price_planner.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/bounds/capacity.hpp"

namespace weir {
namespace {

// Room that is left in the program above the load that it has to carry.
constexpr double kMargin = 1.01;
// A node that nobody can do without has a price without end.
constexpr double kHighestPrice = 10;

}  // namespace

PricePlanner::PricePlanner(const PricePlannerOptions& options)
    : options_(options), cluster_(options.groups) {}

std::optional<Directive> PricePlanner::plan(std::span<const NodeReport> reports, Instant now) {
  if (!cluster_.update(reports, now)) return std::nullopt;
  CapacityProblem problem = cluster_.problem();
  const double busy = cluster_.total_rate_per_s() / capacity_bound(problem).rate_per_s;
  for (auto& type : problem.types) type.cores *= std::max(options_.most_busy, busy * kMargin);
  const auto filling = least_busy(problem, cluster_.total_rate_per_s());
  if (!filling) return std::nullopt;

  prices_.resize(reports.size());
  // Who is gone costs nobody anything.
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (reports[i].worker_count == 0) prices_[i] = 0;
  }
  const double gain = 1 - std::exp(-cluster_.interval_s() / to_seconds(options_.smoothing));
  for (const NodeGroups::Node& node : cluster_.nodes()) {
    const double price = std::min(kHighestPrice, filling->core_prices[node.group]);
    prices_[node.rank] += gain * (price - prices_[node.rank]);
  }
  Directive directive{.lifetime = {}, .weights = cluster_.weights(filling->shares, reports.size())};
  for (const double price : prices_) directive.prices.push_back(static_cast<float>(price));
  return directive;
}

}  // namespace weir
