#include "ml/training/experience/n_step_window.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

Observation seen(float number) { return {.context = {number}}; }

Step step(double reward, float number, EpisodeState state = EpisodeState::kRunning) {
  return {.reward = reward, .observation = seen(number), .state = state};
}

class NStepWindowTest : public testing::Test {
 protected:
  NStepWindowTest() { window.begin(seen(0)); }
  NStepWindow window{{.steps = 3, .discount = 0.5}};
};

TEST_F(NStepWindowTest, WaitsForThreeRewardsAndThenGivesOneTransitionForEachStep) {
  EXPECT_TRUE(window.add({1}, step(8, 1), false).empty());
  EXPECT_TRUE(window.add({2}, step(4, 2), false).empty());
  const auto first = window.add({3}, step(16, 3), true);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0], (Transition{.observation = seen(0),
                                  .actions = {1},
                                  .reward = 8 + 4 * 0.5 + 16 * 0.25,
                                  .discount = 0.125,
                                  .next = seen(3)}));
  const auto second = window.add({4}, step(-8, 4), false);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0], (Transition{.observation = seen(1),
                                   .actions = {2},
                                   .reward = 4 + 16 * 0.5 - 8 * 0.25,
                                   .discount = 0.125,
                                   .next = seen(4)}));
  EXPECT_TRUE(window.add({5}, step(0, 5), false)[0].is_demonstration);
}

TEST_F(NStepWindowTest, GivesAllThatIsLeftWhenTheEpisodeEndsAndNothingAfterIt) {
  window.add({1}, step(8, 1), false);
  const auto rest = window.add({2}, step(4, 2, EpisodeState::kEnded), false);
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_DOUBLE_EQ(rest[0].reward, 8 + 4 * 0.5);
  EXPECT_DOUBLE_EQ(rest[1].reward, 4);
  EXPECT_EQ(rest[0].discount, 0);
  EXPECT_EQ(rest[1].discount, 0);
  EXPECT_EQ(rest[1].observation, seen(1));
}

TEST_F(NStepWindowTest, LetsTheLastObservationStandForTheRestWhereTheEpisodeWasCutOff) {
  window.add({1}, step(8, 1), false);
  const auto rest = window.add({2}, step(4, 2, EpisodeState::kCutOff), false);
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_DOUBLE_EQ(rest[0].discount, 0.25);
  EXPECT_DOUBLE_EQ(rest[1].discount, 0.5);
  EXPECT_EQ(rest[0].next, seen(2));
}

TEST_F(NStepWindowTest, DropsWhatWaitsWhenAnotherEpisodeBegins) {
  window.add({1}, step(8, 1), false);
  window.begin(seen(9));
  const auto rest = window.add({2}, step(1, 10, EpisodeState::kEnded), false);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].observation, seen(9));
}

}  // namespace
}  // namespace weir
