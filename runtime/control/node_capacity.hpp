// What a node tells of the work that its home was given and of what it could run, once a second;
// and its being parked and called back.

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/control/node_meter.hpp"
#include "runtime/control/task_source.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

class NodeCapacity {
 public:
  static constexpr Duration kInterval = std::chrono::seconds(1);
  // A parked node that has heard no order for so long comes back by itself: without a coordinator
  // capacity costs more, and nobody waits for it.
  static constexpr Duration kLongestSilence = std::chrono::seconds(10);

  // `installed`: its workers times their speed; zero where it runs no tasks. The others outlive it.
  NodeCapacity(double installed, int class_count, Executor& executor, const NodeMeter& meter);

  void on_submitted(ClassId task_class) { ++submitted_[task_class.value()]; }
  void on_completed(ClassId task_class) { ++completed_[task_class.value()]; }
  void on_announced(const AnnouncedRise& rise) { rises_.push_back(rise); }

  void on_order(const CapacityOrder& order, Instant now);

  // When it has something to tell or to do.
  Instant next_due() const { return next_report_ < silent_at_ ? next_report_ : silent_at_; }
  // A parked node that nobody speaks to comes back.
  void end_silence(Instant now);
  bool has_report(Instant now) const { return now >= next_report_; }
  CapacityReport report(Instant now);

 private:
  double installed_;
  Executor& executor_;
  const NodeMeter& meter_;
  std::size_t class_count_;
  std::array<std::uint64_t, kMaxClasses> submitted_{};
  std::array<std::uint64_t, kMaxClasses> completed_{};
  std::vector<AnnouncedRise> rises_;  // that are not over
  Instant next_report_{};             // the first at once, for it says what the node is
  std::uint32_t reports_ = 0;
  std::uint32_t newest_order_ = 0;
  Instant silent_at_ = kNever;  // while it is parked
};

}  // namespace weir
