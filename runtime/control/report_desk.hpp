// What nodes tell about themselves: each reports to the relay (rank 0), and the relay passes on
// what is new to those who read it.

#pragma once

#include <optional>
#include <span>

#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/cluster_state.hpp"
#include "runtime/control/node_meter.hpp"
#include "runtime/control/view_relay.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

inline constexpr RankId kRelay{0};

struct ReportDeskOptions {
  // A report every interval while something changes, else every heartbeat. Zero: chosen by the
  // number of nodes, so that the relay's cost stays the same.
  Duration interval{0};
  Duration heartbeat = std::chrono::milliseconds(250);
  // Who neither places tasks nor looks for some has no use for the others' reports.
  int dispatcher_count = 1;
  bool all_read = false;
};

class ReportDesk {
 public:
  // All references outlive the desk. `random` sets the phase of this node's reports.
  ReportDesk(RankId self, const ReportDeskOptions& options, NodeMeter& meter, ClusterState& cluster,
             Policy& policy, Transport& transport, Random random);

  // When tell() has something to say; `now` is the instant of the newest event.
  Instant next_due(Instant now) const;
  // Whether it has now; costs less than the instant.
  bool is_due(Instant now) const;
  // On the relay: the newest report of every node, with sequence zero where there is none.
  std::span<const NodeReport> newest() const { return relay_->newest(); }
  // Reports and passes on what is due.
  void tell(Instant now);

  // On the relay: a node has reported.
  void on_report(NodeReport report);
  // The relay has passed reports on.
  void on_view(const MergedView& view);

 private:
  Instant next_report(Instant now) const;
  Instant next_relay() const;  // kNever except on the relay
  void report(Instant now);
  void relay_views(Instant now);
  bool reads_views(RankId rank) const;

  RankId self_;
  ReportDeskOptions options_;
  NodeMeter& meter_;
  ClusterState& cluster_;
  Policy& policy_;
  Transport& transport_;
  Random random_;
  std::optional<ViewRelay> relay_;  // on the relay
  Instant last_report_{};
  Instant last_relay_{};
};

}  // namespace weir
