#include "runtime/sim/event_queue.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

template <typename Event>
bool comes_later(const Event& a, const Event& b) {
  return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
}

}  // namespace

EventQueue::EventQueue(int rank_count)
    : wakeups_(std::max<std::size_t>(2, std::bit_ceil(static_cast<std::size_t>(rank_count)))),
      winners_(wakeups_.size()) {
  for (std::size_t leaf = 0; leaf < wakeups_.size(); leaf += 2) play_from(leaf);
}

void EventQueue::push_link(SimTime at, std::uint32_t link) {
  links_.push_back({at, next_sequence_++, kNoRank, link});
  std::ranges::push_heap(links_, comes_later<SimEvent>);
}

void EventQueue::set_wakeup(SimTime at, RankId rank) {
  const auto leaf = static_cast<std::size_t>(rank.value());
  wakeups_[leaf] = {at, next_sequence_++};
  play_from(leaf);
}

// The leaves of a match at the lowest level are neighbours and no nodes of their own.
void EventQueue::play_from(std::size_t leaf) {
  const auto better = [this](std::uint32_t a, std::uint32_t b) {
    return comes_later(wakeups_[a], wakeups_[b]) ? b : a;
  };
  const auto even = static_cast<std::uint32_t>(leaf & ~std::size_t{1});
  std::size_t match = (wakeups_.size() + leaf) / 2;
  std::uint32_t winner = better(even, even + 1);
  for (;;) {
    const std::uint32_t before = std::exchange(winners_[match], winner);
    // Above a match that another leaf has won before and wins now nothing changes.
    if (match == 1 || (winner == before && winner != leaf)) return;
    match /= 2;
    winner = better(winners_[2 * match], winners_[2 * match + 1]);
  }
}

SimTime EventQueue::next_at() const {
  const SimTime wakeup = first_wakeup().at;
  return links_.empty() ? wakeup : std::min(wakeup, links_.front().at);
}

SimEvent EventQueue::pop() {
  WEIR_CHECK(!empty(), "nothing is going to happen");
  const std::uint32_t first = winners_[1];
  const SimEvent wakeup{wakeups_[first].at, wakeups_[first].sequence,
                        RankId(static_cast<std::int32_t>(first)), kNoLink};
  if (!links_.empty() && !comes_later(links_.front(), wakeup)) return pop_link();
  wakeups_[first].at = kEndOfTime;
  play_from(first);
  return wakeup;
}

SimEvent EventQueue::pop_link() {
  std::ranges::pop_heap(links_, comes_later<SimEvent>);
  const SimEvent event = links_.back();
  links_.pop_back();
  return event;
}

}  // namespace weir
