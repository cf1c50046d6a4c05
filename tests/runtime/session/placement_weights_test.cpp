#include "runtime/session/placement_weights.hpp"

#include <gtest/gtest.h>

#include "tests/support/limit_weights.hpp"
#include "tests/support/price_weights.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

TEST(PlacementWeights, AreNotReadForAPolicyThatNeedsNone) {
  const PlacementWeights weights("tree", "no/such/file.h5");
  EXPECT_EQ(weights.estimator(), nullptr);
  EXPECT_EQ(weights.fingerprint(), PlacementWeights("random", "").fingerprint());
}

TEST(PlacementWeights, AreThoseThatComeWithWeirWhereNoFileIsNamed) {
  const PlacementWeights weights("learned", "");
  EXPECT_NE(weights.estimator(), nullptr);
  EXPECT_EQ(weights.fingerprint(), PlacementWeights("learned", "").fingerprint());
}

TEST(PlacementWeights, AreToldApartByWhatIsInThem) {
  const ScratchFolder folder;
  write_weights(ServiceEstimator::untrained(1).weights(), folder / "one.h5");
  write_weights(ServiceEstimator::untrained(1).weights(), folder / "same.h5");
  write_weights(ServiceEstimator::untrained(2).weights(), folder / "two.h5");
  const std::string one = PlacementWeights("learned", folder / "one.h5").fingerprint();
  EXPECT_EQ(one, PlacementWeights("learned", folder / "same.h5").fingerprint());
  EXPECT_NE(one, PlacementWeights("learned", folder / "two.h5").fingerprint());
}

TEST(PlacementWeights, ThatCannotBeReadAreRefusedOnlyWhenTheyAreWanted) {
  const ScratchFolder folder;
  const PlacementWeights weights("learned", folder / "none.h5");
  EXPECT_NE(weights.fingerprint(), PlacementWeights("learned", "").fingerprint());
  const std::string refused = refusal([&] { weights.estimator(); });
  EXPECT_NE(refused.find("none.h5"), std::string::npos) << refused;
}

TEST(PlacementWeights, KeepAPolicyThatCannotBeReadForLater) {
  const PlacementWeights weights("learned:x", "");
  EXPECT_NE(weights.fingerprint(), PlacementWeights("learned", "").fingerprint());
  EXPECT_NE(refusal([&] { weights.estimator(); }), kNothingRefused);
}

TEST(PlacementWeights, IncludeTheNetworkOfLogPricesWhereOneIsNamed) {
  const ScratchFolder folder;
  const std::string raises = (folder / "raises.h5").string();
  const std::string lowers = (folder / "lowers.h5").string();
  write_weights(weights_that_move_prices(1), raises);
  write_weights(weights_that_move_prices(-1), lowers);
  EXPECT_EQ(PlacementWeights("learned", "").prices(), nullptr);
  const PlacementWeights weights("learned", "", raises);
  EXPECT_NE(weights.prices(), nullptr);
  EXPECT_EQ(weights.fingerprint(), PlacementWeights("learned", "", raises).fingerprint());
  for (const std::string& other : {std::string("none"), lowers}) {
    EXPECT_NE(weights.fingerprint(), PlacementWeights("learned", "", other).fingerprint());
  }
  EXPECT_EQ(PlacementWeights("tree", "", raises).prices(), nullptr) << "it has no use for one";
}

TEST(PlacementWeights, IncludeTheNetworkOfClassLimitsWhateverThePolicy) {
  const ScratchFolder folder;
  const std::string raises = (folder / "raises.h5").string();
  const std::string lowers = (folder / "lowers.h5").string();
  write_weights(weights_of_limits(LearnedLimits::kRaise), raises);
  write_weights(weights_of_limits(LearnedLimits::kLower), lowers);
  for (const char* policy : {"learned", "tree"}) {
    const PlacementWeights weights(policy, "", "none", raises);
    EXPECT_TRUE(weights.limits().has_value());
    EXPECT_EQ(weights.fingerprint(), PlacementWeights(policy, "", "none", raises).fingerprint());
    for (const std::string& other : {std::string("none"), lowers}) {
      EXPECT_NE(weights.fingerprint(), PlacementWeights(policy, "", "none", other).fingerprint());
    }
  }
  EXPECT_FALSE(PlacementWeights("tree", "").limits().has_value());
  const PlacementWeights missing("tree", "", "none", "no/such/file.h5");
  EXPECT_NE(refusal([&] { missing.limits(); }), kNothingRefused);
}

TEST(PlacementWeights, RefuseANetworkOfLogPricesThatCannotBeUsed) {
  const PlacementWeights weights("learned", "", "no/such/file.h5");
  EXPECT_NE(refusal([&] { weights.prices(); }), kNothingRefused);
}

}  // namespace
}  // namespace weir
