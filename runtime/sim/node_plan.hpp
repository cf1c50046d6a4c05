// What happens to nodes at set times of the world: they stop and go on, die, are parked and come
// back. In one list, ordered by time.

#pragma once

#include <optional>
#include <vector>

#include "runtime/sim/faults.hpp"

namespace weir {

// A parked node has no workers, reports so, and finishes what it has. Called back at the end of the
// period, it has workers again when it is warm.
struct ParkingOptions {
  std::vector<NodePeriod> parked;
  Duration warm_up = std::chrono::seconds(5);
};

struct NodeChange {
  enum class Kind { kStop, kContinue, kDie, kPark, kCallBack, kReady };
  SimTime at{};
  RankId rank;
  Kind kind = Kind::kStop;
};

class NodePlan {
 public:
  // Periods of one kind and rank do not overlap.
  NodePlan(const FaultOptions& faults, const ParkingOptions& parking);

  // kEndOfTime when nothing more happens.
  SimTime next_at() const { return next_ < changes_.size() ? changes_[next_].at : kEndOfTime; }
  // Only while next_at() is not the end of time.
  NodeChange take() { return changes_[next_++]; }

 private:
  std::vector<NodeChange> changes_;
  std::size_t next_ = 0;
};

}  // namespace weir
