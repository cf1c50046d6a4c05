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
  RankId rank;             // who wakes up by itself; kNoRank: something happens on a link
  std::uint32_t link = 0;  // of the network model
};

// A binary heap. O(log n) per event.
class EventQueue {
 public:
  void push_wakeup(SimTime at, RankId rank) { push(at, rank, 0); }
  void push_link(SimTime at, std::uint32_t link) { push(at, kNoRank, link); }
  bool empty() const { return heap_.empty(); }
  // The next one; only when not empty.
  const SimEvent& next() const { return heap_.front(); }
  SimEvent pop();

 private:
  void push(SimTime at, RankId rank, std::uint32_t link);

  std::vector<SimEvent> heap_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace weir
