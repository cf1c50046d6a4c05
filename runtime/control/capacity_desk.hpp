// A coordinator's part in switching nodes on and off: what its children report goes up as one
// report; at the root the planner decides by it; and the order goes down, divided over the
// children.
//
// Reports come every second, and so do orders, whether anything has changed or not.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/control/capacity_planner.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/control/outgoing.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

class CapacityDesk {
 public:
  using Out = std::vector<Outgoing>;

  // From the first report to passing on the sum, as the seconds of nodes end at about one time; and
  // from then on once in every one of them.
  static constexpr Duration kGather = std::chrono::milliseconds(100);
  static constexpr Duration kInterval = std::chrono::seconds(1);
  // A child that has said nothing for so long is not counted on. What its homes have counted stays.
  static constexpr Duration kLongestSilence = std::chrono::seconds(4);

  // `forecaster` and `adviser` are for the planner of the root, and outlive the desk.
  CapacityDesk(const CoordinatorRole& role, const CapacityPlannerOptions& options,
               DemandForecaster* forecaster, CapacityAdviser* adviser = nullptr);

  // `position` among the children.
  void on(const CapacityReport& report, std::size_t position, Instant now);
  void on(const CapacityOrder& order, Instant now, Out& out);

  Instant next_due() const { return gathered_at_; }
  void tell(Instant now, Out& out);

 private:
  bool is_there(std::size_t position, Instant now) const;
  CapacityReport sum_of_reports(Instant now);
  void pass_on(const CapacityOrder& order, Instant now, Out& out) const;

  CoordinatorRole role_;
  std::optional<CapacityPlanner> planner_;  // at the root
  std::vector<CapacityReport> newest_;      // by child; with sequence 0 it has not come yet
  std::vector<Instant> heard_;
  Instant gathered_at_ = kNever;  // what is new
  bool has_told_ = false;
  Instant last_told_{};
  std::uint32_t reports_ = 0;
  std::uint32_t orders_ = 0;  // the newest that was made here, or heard from above
};

}  // namespace weir
