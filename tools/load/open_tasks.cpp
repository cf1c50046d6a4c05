#include "tools/load/open_tasks.hpp"

#include <utility>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr std::size_t kLeastPlaces = 64;
// The id of no task: no stream has so many.
constexpr TaskId kFree{~std::uint64_t{0}};

}  // namespace

std::size_t OpenTasks::place_of(TaskId id) const {
  const std::size_t mask = places_.size() - 1;
  std::size_t place = mix_bits(id.value()) & mask;
  while (places_[place] != id && places_[place] != kFree) place = (place + 1) & mask;
  return place;
}

void OpenTasks::insert(TaskId id) {
  if (2 * (size_ + 1) > places_.size()) grow();
  places_[place_of(id)] = id;
  ++size_;
}

bool OpenTasks::contains(TaskId id) const { return size_ > 0 && places_[place_of(id)] == id; }

// Whatever is found behind the gap only by passing over it moves into it, and leaves the next gap.
bool OpenTasks::erase(TaskId id) {
  if (size_ == 0) return false;
  std::size_t gap = place_of(id);
  if (places_[gap] == kFree) return false;
  const std::size_t mask = places_.size() - 1;
  for (std::size_t place = (gap + 1) & mask; places_[place] != kFree; place = (place + 1) & mask) {
    const std::size_t first = mix_bits(places_[place].value()) & mask;
    if (((place - first) & mask) < ((place - gap) & mask)) continue;
    places_[gap] = places_[place];
    gap = place;
  }
  places_[gap] = kFree;
  --size_;
  return true;
}

std::vector<TaskId> OpenTasks::ids() const {
  std::vector<TaskId> ids;
  ids.reserve(size_);
  for (const TaskId id : places_) {
    if (id != kFree) ids.push_back(id);
  }
  return ids;
}

void OpenTasks::grow() {
  const std::vector<TaskId> before = std::exchange(
      places_, std::vector<TaskId>(places_.empty() ? kLeastPlaces : 2 * places_.size(), kFree));
  for (const TaskId id : before) {
    if (id != kFree) places_[place_of(id)] = id;
  }
}

}  // namespace weir
