#include "runtime/control/task_table.hpp"

#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr std::size_t kLeastSlots = 64;
// Ids side by side: two cache lines of slots.
constexpr int kAdjacentBits = 3;

std::uint32_t hash_of(TaskId id) {
  constexpr std::uint64_t kAdjacent = (1 << kAdjacentBits) - 1;
  const std::uint64_t group = mix_bits(id.value() >> kAdjacentBits) << kAdjacentBits;
  return static_cast<std::uint32_t>(group | (id.value() & kAdjacent));
}

}  // namespace

TaskEntry& TaskTable::add(Task task) {
  if (2 * (size_ + 1) > slots_.size()) grow();
  Slot& slot = slots_[slot_of(task.header.id)];
  WEIR_CHECK(slot.place == kNoPlace,
             "task " + std::to_string(task.header.id.value()) + " was submitted twice");
  if (free_.empty()) {
    free_.push_back(static_cast<Place>(entries_.size()));
    entries_.emplace_back();
  }
  slot = {task.header.id, free_.back(), hash_of(task.header.id)};
  free_.pop_back();
  ++size_;
  TaskEntry& entry = entries_[slot.place];
  entry = {.header = task.header, .payload = std::move(task.payload), .node = {}};
  entry.is_here = true;
  return entry;
}

TaskEntry* TaskTable::find(TaskId id) {
  if (size_ == 0) return nullptr;
  const Place place = slots_[slot_of(id)].place;
  return place == kNoPlace ? nullptr : &entries_[place];
}

TaskEntry* TaskTable::find_attempt(TaskId id, std::uint32_t attempt) {
  TaskEntry* entry = find(id);
  return entry != nullptr && entry->header.attempt == attempt ? entry : nullptr;
}

void TaskTable::remove(TaskId id) {
  if (size_ == 0) return;
  const std::size_t slot = slot_of(id);
  const Place place = slots_[slot].place;
  if (place == kNoPlace) return;
  entries_[place].payload = Payload();
  entries_[place].is_here = false;
  free_.push_back(place);
  --size_;
  pull_forward(slot);
}

std::size_t TaskTable::slot_of(TaskId id) const {
  std::size_t slot = first_slot(hash_of(id));
  while (slots_[slot].place != kNoPlace && slots_[slot].id != id) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

void TaskTable::grow() {
  const std::vector<Slot> before =
      std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kLeastSlots : 2 * slots_.size()));
  for (const Slot& slot : before) {
    if (slot.place != kNoPlace) slots_[slot_of(slot.id)] = slot;
  }
}

// Whatever is found behind the gap only by passing over it moves into it, and leaves the next gap.
void TaskTable::pull_forward(std::size_t gap) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = gap;;) {
    slot = (slot + 1) & mask;
    if (slots_[slot].place == kNoPlace) break;
    const std::size_t first = first_slot(slots_[slot].hash);
    const std::size_t steps_from_first = (slot - first) & mask;
    const std::size_t steps_from_gap = (slot - gap) & mask;
    if (steps_from_first < steps_from_gap) continue;
    slots_[gap] = slots_[slot];
    gap = slot;
  }
  slots_[gap] = Slot{};
}

}  // namespace weir
