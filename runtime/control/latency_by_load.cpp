#include "runtime/control/latency_by_load.hpp"

#include <algorithm>
#include <bit>

namespace weir {

// The first 16 levels are loads; then each octave has 8.
std::size_t LatencyByLoad::level_of(std::uint32_t load) {
  constexpr std::uint32_t kExact = 16;
  if (load < kExact) return load;
  const int octave = std::bit_width(load) - 1;  // at least 4
  const std::uint32_t eighth = (load >> (octave - 3)) - 8;
  return kExact + static_cast<std::size_t>(octave - 4) * 8 + eighth;
}

void LatencyByLoad::add(std::uint32_t load, Duration latency) {
  const std::size_t index = level_of(load);
  if (index >= levels_.size()) levels_.resize(index + 1);
  Level& level = levels_[index];
  Duration& place = level.latencies[level.added % kKept];
  level.sum += latency - place;
  place = latency;
  ++level.added;
}

Duration LatencyByLoad::at(std::uint32_t load) const {
  Duration sum{0};
  std::size_t count = 0;
  const auto take = [&](std::size_t index) {
    if (index >= levels_.size()) return;
    sum += levels_[index].sum;
    count += levels_[index].kept();
  };
  const std::size_t center = level_of(load);
  const std::size_t farthest = std::max(center, levels_.size());
  take(center);
  for (std::size_t distance = 1; count < kEnough && distance <= farthest; ++distance) {
    if (distance <= center) take(center - distance);
    take(center + distance);
  }
  return count == 0 ? Duration(0) : sum / static_cast<Duration::rep>(count);
}

}  // namespace weir
