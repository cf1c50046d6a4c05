#include "runtime/session/placement_weights.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace weir
