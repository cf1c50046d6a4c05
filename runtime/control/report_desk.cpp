#include "runtime/control/report_desk.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Two milliseconds of interval per node: 500 reports a second reach the relay however many nodes
// there are, until reports become too old to be of use.
constexpr Duration kIntervalPerNode = 2ms;
constexpr Duration kShortestInterval = 20ms;
constexpr Duration kLongestInterval = 100ms;

// The relay holds reports back for a part of their interval, so that one message carries several
// and few of them get much older.
constexpr int kRelaysPerReport = 4;

Duration interval_of(const ReportDeskOptions& options, int node_count) {
  if (options.interval > 0ns) return options.interval;
  return std::clamp(node_count * kIntervalPerNode, kShortestInterval, kLongestInterval);
}

}  // namespace

ReportDesk::ReportDesk(RankId self, const ReportDeskOptions& options, NodeMeter& meter,
                       ClusterState& cluster, Policy& policy, Transport& transport, Random random)
    : self_(self),
      options_(options),
      meter_(meter),
      cluster_(cluster),
      policy_(policy),
      transport_(transport),
      random_(random) {
  options_.interval = interval_of(options, transport.rank_count());
  if (self_ == kRelay) relay_.emplace(transport.rank_count());
}

// The first report is due at once, for it says what this node is. Then one is due an interval after
// the last one if anything has changed, and a heartbeat after it anyway.
Instant ReportDesk::next_report(Instant now) const {
  if (!meter_.has_reported()) return Instant{};
  return last_report_ + (meter_.changed(now) ? options_.interval : options_.heartbeat);
}

Instant ReportDesk::next_relay() const {
  if (!relay_ || !relay_->has_news()) return kNever;
  return last_relay_ + options_.interval / kRelaysPerReport;
}

Instant ReportDesk::next_due(Instant now) const { return std::min(next_report(now), next_relay()); }

bool ReportDesk::is_due(Instant now) const {
  const bool reported_lately = meter_.has_reported() && now - last_report_ < options_.interval;
  if (reported_lately && !relay_) return false;
  return now >= next_due(now);
}

void ReportDesk::tell(Instant now) {
  if (now >= next_report(now)) report(now);
  if (now >= next_relay()) relay_views(now);
}

void ReportDesk::report(Instant now) {
  // From the first report on every node keeps a phase of its own, so that they do not come in step.
  last_report_ = meter_.has_reported()
                     ? now
                     : now - from_seconds(to_seconds(options_.interval) * random_.uniform());
  NodeReport report = meter_.report(now);
  if (cluster_.apply(report)) policy_.on_report(cluster_.node(self_));
  if (relay_) {
    relay_->on_report(std::move(report));
  } else {
    transport_.send(kRelay, std::move(report));
  }
}

void ReportDesk::relay_views(Instant now) {
  last_relay_ = now;
  MergedView view = relay_->take_news();
  for (int i = 0; i < transport_.rank_count(); ++i) {
    if (RankId(i) != self_ && reads_views(RankId(i))) transport_.send(RankId(i), view);
  }
  on_view(view);
}

bool ReportDesk::reads_views(RankId rank) const {
  return rank.value() < options_.dispatcher_count || options_.all_read;
}

void ReportDesk::on_report(NodeReport report) {
  WEIR_CHECK(relay_.has_value(), "a report reached a rank that is not the relay");
  relay_->on_report(std::move(report));
}

void ReportDesk::on_view(const MergedView& view) {
  for (const NodeReport& report : view.reports) {
    if (cluster_.apply(report)) policy_.on_report(cluster_.node(report.node));
  }
}

}  // namespace weir
