#include "runtime/control/termination.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

CountAnswer answer_to(const CountRequest& request, std::uint64_t submitted, std::uint64_t completed,
                      bool exhausted = true) {
  return {request.epoch, request.round, submitted, completed, exhausted};
}

TEST(TerminationDetector, EndsAnEpochAfterTwoEqualRounds) {
  TerminationDetector detector(2);
  for (int round = 0; round < 2; ++round) {
    const auto request = detector.next_round(1, Instant(1s));
    ASSERT_TRUE(request.has_value());
    EXPECT_FALSE(detector.on_answer(0, answer_to(*request, 5, 3), Instant(1s)));
    const bool over = detector.on_answer(1, answer_to(*request, 2, 4), Instant(1s));
    EXPECT_EQ(over, round == 1);
  }
}

TEST(TerminationDetector, GoesOnWhenATaskCompletedAndOneWasSubmittedBetweenTwoRounds) {
  TerminationDetector detector(1);
  auto request = detector.next_round(1, Instant(1s));
  EXPECT_FALSE(detector.on_answer(0, answer_to(*request, 5, 5), Instant(1s)));
  request = detector.next_round(1, Instant(1s));
  EXPECT_FALSE(detector.on_answer(0, answer_to(*request, 6, 6), Instant(1s)));
  request = detector.next_round(1, Instant(1s));
  EXPECT_TRUE(detector.on_answer(0, answer_to(*request, 6, 6), Instant(1s)));
}

TEST(TerminationDetector, WaitsForHomesThatMayStillSubmit) {
  TerminationDetector detector(1);
  Instant now(1s);
  for (int round = 0; round < 10; ++round, now += 1s) {
    const auto request = detector.next_round(1, now);
    ASSERT_TRUE(request.has_value());
    EXPECT_FALSE(detector.on_answer(0, answer_to(*request, 5, 5, false), now));
  }
}

TEST(TerminationDetector, AsksOneRoundAtATimeAndPausesWhileWorkIsUnderWay) {
  TerminationDetector detector(1);
  const auto request = detector.next_round(1, Instant(1s));
  EXPECT_FALSE(detector.next_round(1, Instant(5s)).has_value());
  EXPECT_EQ(detector.next_wakeup(), kNever);
  detector.on_answer(0, answer_to(*request, 5, 4), Instant(5s));
  EXPECT_GT(detector.next_wakeup(), Instant(5s));
  EXPECT_FALSE(detector.next_round(1, Instant(5s)).has_value());
  EXPECT_TRUE(detector.next_round(1, Instant(6s)).has_value());
}

TEST(TerminationDetector, IgnoresAnswersToOldRoundsAndSecondAnswers) {
  TerminationDetector detector(2);
  const auto request = detector.next_round(1, Instant(1s));
  detector.on_answer(0, answer_to(*request, 1, 1), Instant(1s));
  detector.on_answer(0, answer_to(*request, 1, 1), Instant(1s));
  EXPECT_FALSE(detector.next_round(1, Instant(2s)).has_value());
  EXPECT_FALSE(detector.on_answer(1, {1, request->round + 7, 1, 1, true}, Instant(2s)));
}

TEST(TerminationDetector, SumsTheAnswersOfItsChildrenBelowTheRoot) {
  TerminationDetector below(2);
  const CountRequest request{3, 7};
  below.follow(request);
  EXPECT_FALSE(below.sum_with(1, answer_to(request, 5, 3)).has_value());
  EXPECT_FALSE(below.sum_with(1, answer_to(request, 5, 3)).has_value()) << "heard twice";
  EXPECT_FALSE(below.sum_with(0, answer_to({3, 6}, 9, 9)).has_value()) << "an older round";
  const auto sum = below.sum_with(0, answer_to(request, 2, 4, false));
  ASSERT_TRUE(sum.has_value());
  EXPECT_EQ(sum->epoch, 3u);
  EXPECT_EQ(sum->round, 7u);
  EXPECT_EQ(sum->submitted, 7u);
  EXPECT_EQ(sum->completed, 7u);
  EXPECT_FALSE(sum->exhausted);
}

}  // namespace
}  // namespace weir
