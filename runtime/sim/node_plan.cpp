#include "runtime/sim/node_plan.hpp"

#include <algorithm>

namespace weir {

NodePlan::NodePlan(const FaultOptions& faults, const ParkingOptions& parking) {
  using enum NodeChange::Kind;
  const auto add = [this](SimTime at, RankId rank, NodeChange::Kind kind) {
    if (at != kEndOfTime) changes_.push_back({at, rank, kind});
  };
  for (const NodePeriod& stop : faults.stops) {
    add(stop.from, stop.rank, kStop);
    add(stop.until, stop.rank, kContinue);
  }
  for (const NodePeriod& death : faults.deaths) add(death.from, death.rank, kDie);
  for (const NodePeriod& period : parking.parked) {
    add(period.from, period.rank, kPark);
    add(period.until, period.rank, kCallBack);
    if (period.until != kEndOfTime) add(period.until + parking.warm_up, period.rank, kReady);
  }
  // What ends at a time comes before what begins then, as it was given.
  std::ranges::stable_sort(changes_, [](const NodeChange& a, const NodeChange& b) {
    const auto begins = [](const NodeChange& c) {
      return c.kind == kStop || c.kind == kDie || c.kind == kPark;
    };
    return a.at != b.at ? a.at < b.at : !begins(a) && begins(b);
  });
}

}  // namespace weir
