// The node's receiving side: takes tasks from homes, has them run, and reports how they ended.
// Credit goes back to a home when its tasks are accepted, and is held back while the queue is too
// long: so a fast home slows down instead of filling this node's memory.

#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/backlog.hpp"
#include "runtime/control/latency_by_load.hpp"
#include "runtime/control/node_meter.hpp"
#include "runtime/control/reservation_desk.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct WorkHostOptions {
  // Above this many queued tasks no credit is given back.
  std::uint32_t queue_limit = 16384;
  // Credit goes back in portions of this size: a quarter of what a home has.
  std::uint32_t credit_portion = 256;
  // A message of ends is closed at whichever comes first.
  std::uint32_t max_batch_ends = 256;
  std::size_t max_batch_bytes = std::size_t{1} << 20;  // of results
  bool keeps_latencies = false;                        // for probes
  ReservationDeskOptions reservations;
};

class WorkHost {
 public:
  // All references outlive the host.
  WorkHost(RankId self, const WorkHostOptions& options, Executor& executor, NodeMeter& meter,
           Transport& transport);

  // Tasks of this rank's own home; they need no credit.
  void accept_local(std::vector<Task> tasks, Instant now);
  // Tasks that a home placed here.
  void accept_placed(RankId home, std::vector<Task> tasks, Instant now);
  // Tasks that another node handed over.
  void accept_handed_over(std::vector<Task> tasks, Instant now);

  // Tasks that this node asked for, and those that were gone.
  void accept_requested(RankId home, RequestAnswer answer, Instant now);

  // What waits here, as its reports say; `elsewhere` of classes that have not been measured here.
  Backlog backlog(Instant now, const ClassServices& elsewhere) const;
  // Attempts of this home that count no longer: those that wait here and could be taken from the
  // queue do not start.
  void revoke(RankId home, const Revocation& revoked, Instant now);

  // This home is gone: what can be taken from the queue does not start, and what runs ends for
  // nobody.
  void forget_home(RankId home, Instant now);

  // How busy this node is; with a latency only where they are kept.
  ProbeAnswer probe_answer(Instant now) const;

  // Where tasks that run here or may run here stand in line.
  ReservationDesk& reservations() { return desk_; }
  const ReservationDesk& reservations() const { return desk_; }

  // Collects what has ended. What belongs to this rank's home is appended to `local`; the rest, and
  // credit that is due, is sent.
  void collect(Instant now, std::vector<TaskEnd>& local);
  // Attempts that have ended here.
  std::uint64_t ended_count() const { return ended_count_; }

 private:
  struct Peer {
    std::uint32_t owed_credit = 0;
    bool listed = false;
    std::vector<TaskEnd> ends;
    std::size_t result_bytes = 0;  // of `ends`
  };

  void remove_queued(const std::function<bool(const TaskHeader&)>& is_void, Instant now);
  Peer& peer_of(RankId home);
  void send_ends(RankId home);
  void return_credit(std::uint32_t queued);

  RankId self_;
  WorkHostOptions options_;
  Executor& executor_;
  NodeMeter& meter_;
  Transport& transport_;
  ReservationDesk desk_;
  LatencyByLoad latencies_;
  std::vector<Peer> peers_;  // by rank, up to the last home that has placed something here
  std::vector<RankId> with_ends_;
  std::vector<RankId> owed_;  // homes to which a portion of credit is due
  std::vector<TaskEnd> ended_;
  std::uint64_t ended_count_ = 0;
};

}  // namespace weir
