#include "runtime/control/limit_offsets.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace weir {
namespace {

class FixedSteps final : public LimitAdviser {
 public:
  explicit FixedSteps(int step) : says(step) {}
  int step(const LimitView& view) override {
    last_view = view;
    return says;
  }
  int says;
  LimitView last_view;
};

constexpr ClassId kClass{2};

std::int32_t offset_after(int asked, int step, std::uint32_t limit,
                          const std::vector<int>& domains = {32, 16}) {
  FixedSteps adviser(step);
  LimitOffsets offsets(&adviser, domains);
  for (int i = 0; i < asked; ++i) offsets.ask({.task_class = kClass, .limit = limit});
  return offsets.offset(kClass);
}

TEST(LimitOffsets, MoveByOneWorkerAtATime) {
  EXPECT_EQ(offset_after(1, 1, 12), 1);
  EXPECT_EQ(offset_after(3, -1, 12), -3);
}

TEST(LimitOffsets, AreAtMostAQuarterOfTheLargestDomainWhateverIsSaid) {
  for (const int step : {1, 7, std::numeric_limits<int>::max()}) {
    EXPECT_EQ(offset_after(100, step, 12), 8);
  }
  for (const int step : {-1, -7, std::numeric_limits<int>::min()}) {
    EXPECT_EQ(offset_after(100, step, 12), -8);
    EXPECT_EQ(offset_after(1, step, 12), -1);
  }
  EXPECT_EQ(offset_after(100, -1, 1, {3}), 0) << "there is no quarter of it";
}

TEST(LimitOffsets, RaiseNothingWhereTheRuleHasNoLimit) {
  EXPECT_EQ(offset_after(5, 1, 0), 0);
  EXPECT_EQ(offset_after(5, -1, 0), -5);
}

TEST(LimitOffsets, FadeWhenTheyAreHeldOrTheClassIsGone) {
  FixedSteps adviser(-1);
  LimitOffsets offsets(&adviser, {32});
  for (int i = 0; i < 4; ++i) offsets.ask({.task_class = kClass, .limit = 12});
  adviser.says = 0;
  offsets.ask({.task_class = kClass, .limit = 12});
  EXPECT_EQ(offsets.offset(kClass), -3);
  for (int i = 0; i < 5; ++i) offsets.fade(kClass);
  EXPECT_EQ(offsets.offset(kClass), 0);
}

TEST(LimitOffsets, SayWhatIsInUseAndItsBounds) {
  FixedSteps adviser(-1);
  LimitOffsets offsets(&adviser, {8, 8});
  for (int i = 0; i < 2; ++i) offsets.ask({.task_class = kClass, .queued = 4, .limit = 5});
  EXPECT_EQ(adviser.last_view.queued, 4);
  EXPECT_EQ(adviser.last_view.offset, -1);
  EXPECT_EQ(adviser.last_view.most_offset, 2);
  EXPECT_EQ(adviser.last_view.domain_workers, 8);
  EXPECT_EQ(adviser.last_view.domain_count, 2);
}

TEST(LimitOffsets, CountHowOftenALimitIsOtherThanTheRules) {
  FixedSteps adviser(0);
  LimitOffsets offsets(&adviser, {32});
  offsets.ask({.task_class = kClass, .limit = 12});
  adviser.says = 1;
  offsets.ask({.task_class = kClass, .limit = 12});
  EXPECT_EQ(offsets.decisions(), 2U);
  EXPECT_EQ(offsets.differing(), 1U);
}

TEST(LimitOffsets, CorrectALimitAndNeverBelowOneWorker) {
  EXPECT_EQ(corrected_limit(12, 0, 32), 12U);
  EXPECT_EQ(corrected_limit(12, 3, 32), 15U);
  EXPECT_EQ(corrected_limit(12, -3, 32), 9U);
  EXPECT_EQ(corrected_limit(2, -8, 32), 1U);
  EXPECT_EQ(corrected_limit(0, 0, 32), 0U) << "none";
  EXPECT_EQ(corrected_limit(0, 3, 32), 0U);
  EXPECT_EQ(corrected_limit(0, -8, 32), 24U) << "of all workers";
}

}  // namespace
}  // namespace weir
