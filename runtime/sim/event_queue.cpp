#include "runtime/sim/event_queue.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

bool comes_later(const SimEvent& a, const SimEvent& b) {
  return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
}

}  // namespace

void EventQueue::push(SimTime at, RankId rank, std::uint32_t link) {
  heap_.push_back({at, next_sequence_++, rank, link});
  std::ranges::push_heap(heap_, comes_later);
}

SimEvent EventQueue::pop() {
  WEIR_CHECK(!heap_.empty(), "nothing is going to happen");
  std::ranges::pop_heap(heap_, comes_later);
  const SimEvent event = heap_.back();
  heap_.pop_back();
  return event;
}

}  // namespace weir
