// What it costs to hand tasks over, from the hand-overs that were: the time from an offer to its
// answer as a straight line over the bytes, by least squares in which old ones count less and less.

#pragma once

#include <cstdint>

#include "runtime/base/time.hpp"

namespace weir {

class TransferCost {
 public:
  void add(std::uint32_t task_count, std::uint64_t bytes, Duration took);

  // Before the first one nothing is known.
  bool is_known() const { return count_ > 0; }
  // Expected, for so many tasks of the usual size.
  double seconds(std::uint32_t task_count) const;
  // Expected, for that many bytes.
  double seconds_of(double bytes) const;
  double bytes_per_task() const;

 private:
  // Weighted sums over the hand-overs.
  double count_ = 0;
  double tasks_ = 0;
  double bytes_ = 0;
  double squares_ = 0;
  double seconds_ = 0;
  double products_ = 0;
};

}  // namespace weir
