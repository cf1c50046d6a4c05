#include "runtime/policy/lp_share_planner.hpp"

#include <algorithm>
#include <utility>

#include "runtime/bounds/capacity.hpp"

namespace weir {
namespace {

// Room that is left in the program above the load that it has to carry.
constexpr double kMargin = 1.01;

ClassShares best_shares(CapacityProblem problem, double rate_per_s, double most_busy) {
  const CapacityBound bound = capacity_bound(problem);
  const double busy = rate_per_s / bound.rate_per_s;
  if (busy * kMargin >= 1) return bound.shares;
  for (auto& type : problem.types) type.cores *= std::max(most_busy, busy * kMargin);
  auto filling = least_busy(problem, rate_per_s);
  return filling ? std::move(filling->shares) : bound.shares;
}

}  // namespace

LpSharePlanner::LpSharePlanner(const LpShareOptions& options)
    : most_busy_(options.most_busy), cluster_(options.groups) {}

std::optional<Directive> LpSharePlanner::plan(std::span<const NodeReport> reports, Instant now) {
  if (!cluster_.update(reports, now)) return std::nullopt;
  const ClassShares shares =
      best_shares(cluster_.problem(), cluster_.total_rate_per_s(), most_busy_);

  return Directive{.lifetime = {}, .weights = cluster_.weights(shares, reports.size())};
}

}  // namespace weir
