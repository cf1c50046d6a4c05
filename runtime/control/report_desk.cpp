#include "runtime/control/report_desk.hpp"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Two milliseconds of interval per node: 500 reports a second reach a coordinator however many
// nodes there are, until reports become too old to be of use.
constexpr Duration kIntervalPerNode = 2ms;
constexpr Duration kShortestInterval = 20ms;
constexpr Duration kLongestInterval = 100ms;

}  // namespace

Duration usual_report_interval(int node_count) {
  return std::clamp(node_count * kIntervalPerNode, kShortestInterval, kLongestInterval);
}

ReportDesk::ReportDesk(RankId self, const ReportDeskOptions& options, NodeMeter& meter,
                       ClusterState& cluster, Policy& policy, Transport& transport, Random random)
    : self_(self),
      options_(options),
      meter_(meter),
      cluster_(cluster),
      policy_(policy),
      transport_(transport),
      random_(random) {}

// The first report is due at once, for it says what this node is. Then one is due an interval after
// the last one if anything has changed, and a heartbeat after it anyway.
Instant ReportDesk::next_due(Instant now) const {
  if (!meter_.has_reported()) return Instant{};
  return last_report_ + (meter_.changed(now) ? options_.interval : options_.heartbeat);
}

bool ReportDesk::is_due(Instant now) const {
  const Duration soonest = std::min(options_.interval, options_.heartbeat);
  if (meter_.has_reported() && now - last_report_ < soonest) return false;
  return now >= next_due(now);
}

std::optional<NodeReport> ReportDesk::tell(Instant now) {
  if (now < next_due(now)) return std::nullopt;
  // From the first report on every node keeps a phase of its own, so that they do not come in step.
  last_report_ = meter_.has_reported()
                     ? now
                     : now - from_seconds(to_seconds(options_.interval) * random_.uniform());
  NodeReport report = meter_.report(now);
  if (cluster_.apply(report)) policy_.on_report(cluster_.node(self_));
  if (options_.leaf == self_) return report;
  ++sent_count_;
  transport_.send(options_.leaf, std::move(report));
  return std::nullopt;
}

void ReportDesk::report_to(RankId leaf) {
  options_.leaf = leaf;
  last_report_ = Instant{} - options_.heartbeat;
}

void ReportDesk::on_view(const MergedView& view) {
  for (const NodeReport& report : view.reports) {
    if (cluster_.apply(report)) policy_.on_report(cluster_.node(report.node));
  }
}

}  // namespace weir
