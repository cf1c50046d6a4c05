// What a node tells about itself to the coordinator of its cluster, and what it learns about
// others.

#pragma once

#include <cstdint>
#include <optional>

#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/cluster_state.hpp"
#include "runtime/control/node_meter.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct ReportDeskOptions {
  RankId leaf;  // where the coordinator is
  // A report every interval while something changes, else every heartbeat.
  Duration interval = std::chrono::milliseconds(100);
  Duration heartbeat = std::chrono::milliseconds(250);
};

// The interval at which that many nodes report to one coordinator, so that its cost stays the same.
Duration usual_report_interval(int node_count);

class ReportDesk {
 public:
  // All references outlive the desk. `random` sets the phase of this node's reports.
  ReportDesk(RankId self, const ReportDeskOptions& options, NodeMeter& meter, ClusterState& cluster,
             Policy& policy, Transport& transport, Random random);

  // When tell() has something to say; `now` is the instant of the newest event.
  Instant next_due(Instant now) const;
  // Whether it has now; costs less than the instant.
  bool is_due(Instant now) const;
  // Reports if that is due. The report is returned where the coordinator is on this rank, else
  // sent.
  std::optional<NodeReport> tell(Instant now);

  // The coordinator is there from now on, and is to hear of this node at once.
  void report_to(RankId leaf);

  // The coordinator has passed reports on.
  void on_view(const MergedView& view);

  std::uint64_t sent_count() const { return sent_count_; }

 private:
  RankId self_;
  ReportDeskOptions options_;
  NodeMeter& meter_;
  ClusterState& cluster_;
  Policy& policy_;
  Transport& transport_;
  Random random_;
  Instant last_report_{};
  std::uint64_t sent_count_ = 0;
};

}  // namespace weir
