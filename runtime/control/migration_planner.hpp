// Which queued tasks should move from whom to whom: a pure decision over the reports of a
// coordinator's children, at every level alike.
//
// For each class there is a level: the mean wait over all children, by workers, in which idle
// workers count as less than none. The child whose tasks wait longest gives to those below the
// level until one of the two reaches it, most gain first. So the one that receives never ends worse
// off than the one that gives, several that have room share what one has too much of, and nothing
// is taken from a child that another move would have to fill again. (Threshold and location policy
// after D. L. Eager, E. D. Lazowska and J. Zahorjan, "Adaptive load sharing in homogeneous
// distributed systems", IEEE Trans. Software Eng. 12(5), 1986; here in expected waits, so that
// fast and slow nodes compare.)
//
// Nobody gets more than it can start in the near future: what waits where it came can still go
// anywhere, what has moved stays, and the less is known of service times the more that is worth.
//
// A move has to gain what its transfer takes, as measured on earlier ones, and more than arrivals
// and ends may change by chance while a report ages: the square root of twice the tasks that come
// and go in that time.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/backlog.hpp"
#include "runtime/control/transfer_cost.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct MigrationInput {
  std::span<const NodeReport> children;
  Instant now{};
  // How old what is known will be when a move takes effect, at least; and at what age a report says
  // nothing more.
  Duration least_age{0};
  Duration oldest{0};
  Duration near_future{0};
  const TransferCost* cost = nullptr;
  // Whether this move may be considered at all; by position among the children.
  std::function<bool(std::size_t from, std::size_t to, ClassId task_class)> may_move;
  std::uint32_t most_moves = 0;
  std::uint32_t most_tasks = 0;  // of one move
};

// And why. Waits are of a further task of the class, in seconds.
struct PlannedMove {
  std::size_t from = 0;
  std::size_t to = 0;
  ClassId task_class;
  std::uint32_t count = 0;
  double wait_from_s = 0;
  double wait_to_s = 0;
  double wait_from_after_s = 0;
  double wait_to_after_s = 0;
  double service_from_s = 0;
  double service_to_s = 0;
  double gain_s = 0;    // per task, on average
  double cost_s = 0;    // measured
  double margin_s = 0;  // what chance may do
};

struct MigrationPlan {
  std::vector<PlannedMove> moves;
  std::vector<Backlog> before;  // by child; those that take no part do not work
  std::vector<Backlog> after;
};

MigrationPlan plan_moves(const MigrationInput& input);

}  // namespace weir
