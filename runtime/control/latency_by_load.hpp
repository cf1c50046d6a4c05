// How long tasks take at this node that come to so and so many others: what a probe asks for
// (Prequal, see runtime/policy/prequal_policy.hpp). The paper's servers keep the same.
//
// Loads are told apart exactly up to 16, and to an eighth above. Of each the last few latencies are
// kept; an estimate takes those of the load asked for, and where they are too few those of the next
// ones on both sides.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/time.hpp"

namespace weir {

class LatencyByLoad {
 public:
  // `load`: tasks at the node when that one came.
  void add(std::uint32_t load, Duration latency);

  // The mean; zero before the first task.
  Duration at(std::uint32_t load) const;

 private:
  static constexpr std::size_t kKept = 32;
  // Fewer would be noise: the mean of n exponential times is wrong by 1/sqrt(n). More than one load
  // keeps would blur the difference that one task more makes: 100 nodes of one core at load 0.8
  // then answer 30 % slower.
  static constexpr std::size_t kEnough = 16;

  struct Level {
    std::array<Duration, kKept> latencies{};
    std::size_t added = 0;
    Duration sum{0};  // of those kept
    std::size_t kept() const { return added < kKept ? added : kKept; }
  };

  static std::size_t level_of(std::uint32_t load);

  std::vector<Level> levels_;
};

}  // namespace weir
