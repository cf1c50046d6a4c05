// What will happen, in order of time; what happens at the same time, in the order it was scheduled.
//
// Wake-ups and messages are kept apart, because they differ. A rank has one wake-up, which nearly
// every event of the rank changes: they are the leaves of a winner tree (D. Knuth, "The Art of
// Computer Programming" 3, section 5.4.1), where a change plays again only the matches on the way
// to the root, and no outdated one is left behind. Messages pass a link soon after they were sent,
// so that few are under way at a time: a binary heap. README.md has the figures of other
// structures.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/sim/sim_time.hpp"

namespace weir {

struct SimEvent {
  SimTime at{};
  std::uint64_t sequence = 0;
  RankId rank;             // that wakes up by itself, or kNoRank
  std::uint32_t link = 0;  // of the network, where something passes, or kNoLink
};
inline constexpr std::uint32_t kNoLink = ~std::uint32_t{0};

// O(log ranks) and O(log messages under way) per event.
class EventQueue {
 public:
  explicit EventQueue(int rank_count);

  // Something passes that link.
  void push_link(SimTime at, std::uint32_t link);
  // The rank wakes up then, and not when it would have before; kEndOfTime: not at all.
  void set_wakeup(SimTime at, RankId rank);
  // kEndOfTime: none.
  SimTime wakeup(RankId rank) const { return leaf(rank).at; }

  bool empty() const { return links_.empty() && first_wakeup().at == kEndOfTime; }
  // When the next one happens; kEndOfTime when empty.
  SimTime next_at() const;
  // The next one, which is then no longer to come; only when not empty.
  SimEvent pop();

 private:
  struct Wakeup {
    SimTime at = kEndOfTime;
    std::uint64_t sequence = 0;
  };

  const Wakeup& leaf(RankId rank) const { return wakeups_[static_cast<std::size_t>(rank.value())]; }
  const Wakeup& first_wakeup() const { return wakeups_[winners_[1]]; }
  void play_from(std::size_t leaf);
  SimEvent pop_link();

  std::vector<SimEvent> links_;         // a heap, the earliest first
  std::vector<Wakeup> wakeups_;         // by rank, up to a power of two
  std::vector<std::uint32_t> winners_;  // of each match: node i is above nodes 2i and 2i + 1
  std::uint64_t next_sequence_ = 0;
};

}  // namespace weir
