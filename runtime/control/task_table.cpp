#include "runtime/control/task_table.hpp"

#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr std::size_t kLeastSlots = 64;

}  // namespace

TaskEntry& TaskTable::add(Task task) {
  if (2 * (size_ + 1) > places_.size()) grow();
  const std::size_t slot = slot_of(task.header.id);
  WEIR_CHECK(places_[slot] == kNoPlace,
             "task " + std::to_string(task.header.id.value()) + " was submitted twice");
  if (free_.empty()) {
    free_.push_back(static_cast<Place>(entries_.size()));
    entries_.emplace_back();
  }
  places_[slot] = free_.back();
  free_.pop_back();
  ++size_;
  TaskEntry& entry = entries_[places_[slot]];
  entry = {.header = task.header, .payload = std::move(task.payload), .node = {}};
  entry.is_here = true;
  return entry;
}

TaskEntry* TaskTable::find(TaskId id) {
  if (size_ == 0) return nullptr;
  const Place place = places_[slot_of(id)];
  return place == kNoPlace ? nullptr : &entries_[place];
}

TaskEntry* TaskTable::find_attempt(TaskId id, std::uint32_t attempt) {
  TaskEntry* entry = find(id);
  return entry != nullptr && entry->header.attempt == attempt ? entry : nullptr;
}

void TaskTable::remove(TaskId id) {
  if (size_ == 0) return;
  const std::size_t slot = slot_of(id);
  const Place place = places_[slot];
  if (place == kNoPlace) return;
  entries_[place].payload = Payload();
  entries_[place].is_here = false;
  free_.push_back(place);
  --size_;
  pull_forward(slot);
}

std::size_t TaskTable::first_slot(TaskId id) const {
  return mix_bits(id.value()) & (places_.size() - 1);
}

std::size_t TaskTable::slot_of(TaskId id) const {
  std::size_t slot = first_slot(id);
  while (places_[slot] != kNoPlace && entries_[places_[slot]].header.id != id) {
    slot = (slot + 1) & (places_.size() - 1);
  }
  return slot;
}

void TaskTable::grow() {
  const std::vector<Place> before = std::exchange(
      places_, std::vector<Place>(places_.empty() ? kLeastSlots : 2 * places_.size(), kNoPlace));
  for (const Place place : before) {
    if (place != kNoPlace) places_[slot_of(entries_[place].header.id)] = place;
  }
}

// Whatever is found behind the gap only by passing over it moves into it, and leaves the next gap.
void TaskTable::pull_forward(std::size_t gap) {
  const std::size_t mask = places_.size() - 1;
  for (std::size_t slot = gap;;) {
    slot = (slot + 1) & mask;
    if (places_[slot] == kNoPlace) break;
    const std::size_t first = first_slot(entries_[places_[slot]].header.id);
    const std::size_t steps_from_first = (slot - first) & mask;
    const std::size_t steps_from_gap = (slot - gap) & mask;
    if (steps_from_first < steps_from_gap) continue;
    places_[gap] = places_[slot];
    gap = slot;
  }
  places_[gap] = kNoPlace;
}

}  // namespace weir
