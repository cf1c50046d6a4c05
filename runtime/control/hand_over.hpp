// Queued tasks move from a loaded node to an idle one that asks (work stealing; Blumofe and
// Leiserson, J. ACM 46, 1999, with half of the tail at a time as in Dinan et al., SC 2009). At any
// instant a task has one owner: the victim keeps what it offered until the thief has answered, and
// forgets it only when the thief accepted; then it tells the homes. What was handed over once does
// not move again.
//
// In a tree of coordinators a node need not know whom to ask: it gets a hint, good for one request.
// And a coordinator may order a victim to offer tasks to another node, which takes them only if
// that leaves it no worse off than the victim, and the tasks end no later.
//
// Where tasks bind late, what waits at a node are reservations: half of those are passed on,
// without more ado, because their tasks are still at home (P. Delgado, F. Dinu, A.-M. Kermarrec and
// W. Zwaenepoel, "Hawk: hybrid datacenter scheduling", USENIX ATC 2015, steals probes alike).

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/cluster_state.hpp"
#include "runtime/control/work_host.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct HandOverOptions {
  bool asks_for_work = false;  // whether this node steals when idle
  // An offer is closed at whichever comes first; its last payload may exceed the bytes.
  std::uint32_t max_tasks = 256;
  std::uint32_t max_ordered_tasks = 4096;  // in place of that where a coordinator said how many
  std::size_t max_bytes = std::size_t{1} << 20;
  // What is not answered for so long, an offer or a request, is not waited for. Zero: it is.
  Duration patience{0};
  // Pauses after a request that brought nothing; doubled each time up to the longest.
  Duration first_pause = std::chrono::microseconds(500);
  Duration longest_pause = std::chrono::milliseconds(250);
  // The first pause again after each task that was placed here. Where tasks split when somebody
  // asks, all nodes stay at work so; elsewhere it is a request with every lull, mostly in vain.
  bool forgets_pauses = false;
};

struct HandOverCounts {
  std::uint64_t requests_sent = 0;
  std::uint64_t tasks_received = 0;
  std::uint64_t tasks_given = 0;
  std::uint64_t bytes_given = 0;  // of their payloads and headers
  std::uint64_t offers_refused = 0;
};

class HandOverDesk {
 public:
  // All references outlive the desk. `random` chooses among victims that look alike.
  HandOverDesk(RankId self, const HandOverOptions& options, Executor& executor, WorkHost& host,
               const ClusterState& cluster, Transport& transport, Random random);

  // Thief: asks somebody for work if a worker is idle and it is time to.
  void seek_work(Instant now);
  void on_offer(RankId victim, HandOver offer, Instant now);
  void on_hint(const StealHint& hint, Instant now);
  // An offer that nobody asked for.
  void on_move_offer(RankId victim, MoveOffer offer, Instant now);

  // Victim. Returns the ends of attempts that failed because their arguments could not be
  // serialized; they are of this rank's home, because only there arguments are objects.
  std::vector<TaskEnd> on_request(RankId thief, const StealRequest& request, Instant now);
  // Moves whose home is this rank are returned; other homes are told by message.
  MovedBatch on_answer(RankId thief, const HandOverAnswer& answer, Instant now);
  // Tasks whose thief has not answered in time are said to be with it: their homes know whom to
  // suspect, and what to do then. Should it refuse later, they are back here.
  std::vector<MovedBatch> give_up_on_thieves(Instant now);

  // This rank is gone: what was offered to it and not taken is here again, and a request to it is
  // not waited for.
  void forget_rank(RankId rank, Instant now);
  // The same again, in case that it was asked or offered something since.
  void keep_off(RankId rank, Instant now);

  // Tasks were placed here by another node.
  void on_placed();

  // A task was submitted here: whoever was sent away with nothing may find it now. Without that it
  // is forgotten when it has not asked again for longer than it pauses: it was fed elsewhere, or is
  // gone.
  void on_submitted() {
    if (is_wanted_) want(false);
  }

  // The same on the order of a coordinator.
  std::vector<TaskEnd> on_order(const MoveOrder& order, Instant now);

  // What became of orders and hints since the last call, for the coordinator.
  std::vector<MoveDone> take_done() { return std::exchange(done_, {}); }

  Instant next_wakeup(Instant now) const;
  // When it last asked for work.
  Instant asked_at() const { return asked_; }
  const HandOverCounts& counts() const { return counts_; }
  // Tasks offered and not yet answered: they are still this node's.
  std::size_t offered_task_count() const;

 private:
  struct Offer {
    RankId thief;
    std::vector<Task> tasks;
    std::uint32_t order = 0;  // zero: it was asked for
    Instant made{};
    bool is_given_up = false;
  };

  bool is_overdue(Instant since, Instant now) const;
  bool idle(Instant now) const;
  bool may_ask(Instant now) const;
  std::vector<Task> take_from_tail(std::size_t most, ClassMask of, Instant now,
                                   std::vector<TaskEnd>& failed);
  RankId choose_victim();
  MovedBatch tell_homes(const std::vector<Task>& tasks, RankId owner);
  void back_off(Instant now);
  void want(bool wanted);

  RankId self_;
  HandOverOptions options_;
  Executor& executor_;
  WorkHost& host_;
  const ClusterState& cluster_;
  Transport& transport_;
  Random random_;
  std::map<std::uint32_t, Offer> offers_;
  std::uint32_t last_offer_ = 0;
  bool is_wanted_ = false;  // see Executor::set_wanted
  Instant wanted_until_{};
  bool asking_ = false;
  RankId asked_whom_ = kNoRank;
  std::set<RankId> silent_victims_;  // that owe an answer
  Instant earliest_request_{};
  Duration pause_;
  std::optional<StealHint> hint_;
  Instant hint_expires_{};
  std::optional<std::uint32_t> followed_hint_;  // by the request under way
  Instant asked_{};
  std::vector<MoveDone> done_;
  HandOverCounts counts_;
};

}  // namespace weir
