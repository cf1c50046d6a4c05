#include "ml/inference/own_completions.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{10s};

TEST(OwnCompletions, BelievesWhatWasToldWhenNothingIsKnown) {
  const OwnCompletions none;
  EXPECT_DOUBLE_EQ(none.of_late(kStart).mean, 1);
  EXPECT_DOUBLE_EQ(none.of_a_while(kStart).mean, 1);
  EXPECT_DOUBLE_EQ(none.of_a_while(kStart).count, 0);
  EXPECT_DOUBLE_EQ(none.age_s(kStart), OwnCompletions::kNeverSeen);
}

TEST(OwnCompletions, ComesCloserToWhatItSeesWithEachTask) {
  OwnCompletions own;
  own.add(2, kStart);
  EXPECT_DOUBLE_EQ(own.of_late(kStart).mean, 1.5) << "one of 2, and one as told";
  for (int i = 0; i < 98; ++i) own.add(2, kStart);
  EXPECT_NEAR(own.of_late(kStart).mean, 2, 0.02);
  EXPECT_DOUBLE_EQ(own.of_late(kStart).count, 99);
}

TEST(OwnCompletions, ForgetsTheSoonerTheShorterTheMemory) {
  OwnCompletions own;
  for (int i = 0; i < 20; ++i) own.add(3, kStart);
  const Instant later = kStart + 1s;
  EXPECT_NEAR(own.of_late(later).count, 20 * std::exp(-2), 1e-9);
  EXPECT_NEAR(own.of_a_while(later).count, 20 * std::exp(-0.5), 1e-9);
  EXPECT_LT(own.of_late(later).mean, own.of_a_while(later).mean);
  EXPECT_DOUBLE_EQ(own.age_s(later), 1);
  EXPECT_NEAR(own.of_a_while(kStart + 60s).mean, 1, 1e-9);
}

TEST(OwnCompletions, TakesOneHugeTaskForALargeOne) {
  OwnCompletions own;
  own.add(1e6, kStart);
  EXPECT_LE(own.of_late(kStart).mean, 3.5);
}

}  // namespace
}  // namespace weir
