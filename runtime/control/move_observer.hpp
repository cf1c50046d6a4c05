// For whoever keeps a record of what was moved and why.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/migration_planner.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

enum class MoveKind : std::uint8_t {
  kOrder,    // a node is to give tasks to another
  kQuota,    // a part of the tree is to give tasks to another
  kOfQuota,  // an order that carries out a quota from above
  kHint      // a node that will soon be idle was told whom to ask, and did
};

// A child as the decision saw it; waits and services are of the class that moves.
struct MoveCandidate {
  RankId node;
  double workers = 0;  // zero: it takes no part
  std::uint32_t queued = 0;
  std::uint32_t queued_of_class = 0;
  double service_s = 0;
  double wait_s = 0;
};

struct DecidedMove {
  std::uint32_t number = 0;
  std::uint8_t level = 1;  // of the coordinator that decided
  MoveKind kind = MoveKind::kOrder;
  RankId from;
  RankId to;
  PlannedMove why;  // its positions are those of `candidates`
  std::vector<MoveCandidate> candidates;
};

class MoveObserver {
 public:
  virtual ~MoveObserver() = default;
  virtual void on_decided(const DecidedMove& move, Instant now) = 0;
  // Of a move that was decided here; a quota may end several times, once for each order of it.
  virtual void on_done(const MoveDone& done, Instant now) = 0;
};

}  // namespace weir
