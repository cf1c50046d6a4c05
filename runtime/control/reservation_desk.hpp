// The node's side of late binding (Sparrow, see runtime/policy/late_binding_policy.hpp): the line
// of reservations. When a worker is free and the first in line is a reservation, its home is asked
// for the task; the worker is kept for the answer. Tasks that are bound to this node already
// (pinned, or handed over) take their place in the same line when there is one: first come, first
// served.
//
// A home that does not answer, because its rank is stopped, must not keep workers idle: after some
// patience they are free again, and its other reservations step aside until it answers.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <tuple>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct ReservationDeskOptions {
  // How long a worker is kept for an answer. On a busy machine a control thread can wait 10 ms for
  // a core.
  Duration patience = std::chrono::milliseconds(50);
};

class ReservationDesk {
 public:
  // The references outlive the desk.
  ReservationDesk(RankId self, const ReservationDeskOptions& options, Executor& executor,
                  Transport& transport);

  void add(RankId home, const ReservationBatch& batch);
  // Those that another node passed on. What is in line already is passed over, and none of them is
  // passed on again.
  void add_passed_on(const std::vector<HandOver::PassedOn>& reservations);
  // What has been asked for already, or was never here, is passed over.
  void cancel(RankId home, const Cancellation& cancelled);

  // Has tasks bound to this node run: at once, or after what is in line before them.
  void enqueue(std::vector<Task> tasks, Instant now);

  // Asks for as many tasks as workers are free, or would be without the bound tasks in line. What
  // belongs to this rank's home is not sent, but returned: its answer is owed like any other.
  TaskRequest ask(Instant now);
  // The workers kept for what is answered are free for it. The tasks are the caller's to accept.
  void on_answer(RankId home, const RequestAnswer& answer);

  // This home is gone: what it has in line leaves, and nothing is expected of it.
  void forget_home(RankId home);

  // Half of the reservations that could be passed on, and at most so many: the last in line, in
  // their order. They are no longer in line here.
  std::vector<HandOver::PassedOn> pass_on(std::size_t most);

  // When ask() should be called although nothing came; kNever when only events can change anything.
  Instant next_wakeup(Instant now) const;

  // Workers that neither run something nor are kept for something.
  std::int64_t free_workers(Instant now) const;
  // Whether anything stands in line for the next free worker.
  bool has_line() const { return !line_.empty(); }
  // Reservations and bound tasks in line, those that stepped aside included.
  std::size_t in_line() const { return line_.size() + aside_count_; }
  // Tasks asked for and not yet answered.
  std::size_t asked_count() const;

 private:
  using Key = std::tuple<RankId, TaskId, std::uint32_t>;  // home, task, attempt
  struct Place {
    RankId home;
    Reservation reservation;
    bool may_be_passed_on = false;
    bool aside = false;
    std::vector<Task> task;  // one where it is a bound task, which needs no asking
  };
  struct Asked {
    RankId home;
    Instant at{};
    std::size_t unanswered = 0;
  };

  // Whether a request to this home has waited longer than the patience.
  bool is_overdue(RankId home, Instant now) const;
  void step_aside();
  void step_back(RankId home);
  void leave_line(std::list<Place>::iterator place);
  // False when it is in line already.
  bool add(RankId home, const Reservation& reservation, bool may_be_passed_on);

  RankId self_;
  ReservationDeskOptions options_;
  Executor& executor_;
  Transport& transport_;
  std::list<Place> line_;
  std::map<RankId, std::list<Place>> aside_;          // by home that does not answer
  std::size_t aside_count_ = 0;                       // in all of those
  std::map<Key, std::list<Place>::iterator> places_;  // of the reservations in any of these lists
  std::size_t movable_count_ = 0;                     // places that may be passed on
  std::deque<Asked> asked_;                           // the oldest first
};

}  // namespace weir
