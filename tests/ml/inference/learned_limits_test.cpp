#include "ml/inference/learned_limits.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/limit_weights.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

LimitView view() {
  return {.queued = 3,
          .running = 9,
          .all_queued = 5,
          .all_running = 20,
          .limit = 12,
          .domain_workers = 32,
          .busy_share = 0.7};
}

TEST(LearnedLimits, LeaveItToTheRuleBeforeTheyHaveLearned) {
  LearnedLimits learned{DenseNetwork(LearnedLimits::sizes())};
  EXPECT_EQ(learned.step(view()), 0);
}

TEST(LearnedLimits, TakeTheStepThatIsWorthMost) {
  EXPECT_EQ(LearnedLimits(network_of_limits(LearnedLimits::kLower)).step(view()), -1);
  EXPECT_EQ(LearnedLimits(network_of_limits(LearnedLimits::kHold)).step(view()), 0);
  EXPECT_EQ(LearnedLimits(network_of_limits(LearnedLimits::kRaise)).step(view()), 1);
}

TEST(LearnedLimits, LeaveItToTheRuleWhereAQValueIsNotANumber) {
  for (const std::size_t action : {LearnedLimits::kLower, LearnedLimits::kRaise}) {
    LearnedLimits learned(network_of_limits(action, std::nanf("")));
    EXPECT_EQ(learned.step(view()), 0);
  }
}

TEST(LearnedLimits, LookAtFiniteFeaturesWhateverIsCounted) {
  LimitView odd = view();
  odd.queued = 1e300;
  odd.running = std::nan("");
  odd.pace = -1;
  odd.slowness = std::numeric_limits<double>::infinity();
  odd.domain_workers = 0;
  for (const float feature : LimitFeatures::of(odd)) EXPECT_LE(std::abs(feature), 4);
}

TEST(LearnedLimits, AreReadFromAFileAndRefusedWhereThatIsNone) {
  const ScratchFolder folder;
  const std::string file = (folder / "limits.h5").string();
  write_weights(weights_of_limits(LearnedLimits::kRaise), file);
  EXPECT_EQ(learned_limits_of(file)->step(view()), 1);
  EXPECT_FALSE(learned_limits_of("none").has_value());
  EXPECT_NE(refusal([] { learned_limits_of("no/such/file.h5"); }), kNothingRefused);
  const std::string shipped = refusal([] { learned_limits_of("shipped"); });
  EXPECT_NE(shipped.find("--limit-control"), std::string::npos) << shipped;
}

}  // namespace
}  // namespace weir
