// What goes wrong in the world: messages that travel longer, reports that are lost or come twice,
// nodes that stop for a while or for ever.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"
#include "runtime/sim/sim_time.hpp"

namespace weir {

// From `from` until just before `until`.
struct NodePeriod {
  RankId rank;
  SimTime from{};
  SimTime until = kEndOfTime;
};

struct FaultOptions {
  double delayed_share = 0;  // of all messages
  Duration mean_delay = std::chrono::milliseconds(50);
  // Of what is told or decided again before long (SimTransport); other messages are never lost.
  double lost_report_share = 0;
  double duplicated_report_share = 0;  // likewise; of those not lost
  // In such a period the rank handles nothing; messages to it wait.
  std::vector<NodePeriod> stops;
  // From then on the rank does nothing, and what reaches it is gone.
  std::vector<NodePeriod> deaths;
  // The count of tasks waits for a dead rank for ever. So a run with a death ends this long after
  // no rank has anything more to submit.
  Duration drain_limit = std::chrono::seconds(30);
};

// Draws what happens to each message, in the order in which they are sent. What cannot happen draws
// nothing, so that one kind of fault does not change the sequence of another.
class MessageFaults {
 public:
  MessageFaults(const FaultOptions& options, std::uint64_t seed);

  // Added to the latency of a message.
  Duration draw_delay();
  // How many of it are sent.
  int draw_copies(bool is_report);

 private:
  FaultOptions options_;
  Random delays_;
  Random losses_;
  Random copies_;
};

}  // namespace weir
