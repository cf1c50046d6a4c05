// A scenario is played twice with the same seed: a stray source of chance (a clock, an address, the
// order of an unordered container) shows as a difference between the two.

#pragma once

#include <gtest/gtest.h>

namespace weir {

// For plays that are values; others have an overload of their own.
template <typename Played>
bool is_same_play(const Played& one, const Played& other) {
  return one == other;
}

// What the first call of `play` returned. Each call makes the world and all that it changes anew.
template <typename Play>
auto play_twice(const Play& play) {
  auto first = play();
  const auto second = play();
  EXPECT_TRUE(is_same_play(first, second)) << "two runs of one seed differ";
  return first;
}

}  // namespace weir
