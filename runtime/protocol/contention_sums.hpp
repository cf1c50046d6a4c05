// What the services of a class say about contention, in the few sums that a regression needs, for
// each of the knees that are considered (runtime/control/contention_estimator.hpp). Those of
// several nodes are added up; each node's are relative to its own mean.

#pragma once

#include <array>
#include <cstddef>

namespace weir {

// Knees lie at the shares 1/20, 2/20 ... 19/20 of the workers of a memory domain.
inline constexpr std::size_t kKneeCount = 19;
inline constexpr double kKneesPerNode = 20;

// No initial values, so that an array of them is cleared as a whole: ContentionSums() is all zero.
struct ContentionSums {
  // Squares of logarithms of services that depend on nothing known, and their degrees of freedom.
  float residual;
  float freedom;
  // By knee, with g = (log n - log h)^+ of n tasks that run at once: the sums of squares of g, and
  // of its products with the logarithm of the service.
  std::array<float, kKneeCount> spread;
  std::array<float, kKneeCount> shared;
};

inline void add(const ContentionSums& more, float times, ContentionSums& sums) {
  sums.residual += times * more.residual;
  sums.freedom += times * more.freedom;
  for (std::size_t knee = 0; knee < kKneeCount; ++knee) {
    sums.spread[knee] += times * more.spread[knee];
    sums.shared[knee] += times * more.shared[knee];
  }
}

}  // namespace weir
