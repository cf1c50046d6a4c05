// What will happen, in order of time; what happens at the same time, in the order it was scheduled.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/sim/sim_time.hpp"

namespace weir {

struct SimEvent {
  SimTime at{};
  std::uint64_t sequence = 0;
  RankId rank;               // to whom it happens
  std::uint32_t letter = 0;  // what arrives; kNoLetter: the rank wakes up by itself
};
inline constexpr std::uint32_t kNoLetter = ~std::uint32_t{0};

// A binary heap. O(log n) per event.
class EventQueue {
 public:
  void push(SimTime at, RankId rank, std::uint32_t letter);
  bool empty() const { return heap_.empty(); }
  // The next one; only when not empty.
  const SimEvent& next() const { return heap_.front(); }
  SimEvent pop();

 private:
  std::vector<SimEvent> heap_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace weir
