#include "ml/inference/learned_capacity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

// Prefers one action always.
DenseNetwork network_for(std::size_t action, float value = 1) {
  DenseNetwork network(LearnedCapacity::sizes());
  const std::size_t first = network.parameters().size() - LearnedCapacity::kFactors.size();
  network.parameters()[first + action] = value;
  return network;
}

CapacityView view() {
  return {.installed = 100, .wanted = 50, .recent_work = 40, .newest_work = 42, .running = 38};
}

TEST(LearnedCapacity, LeavesItToTheRuleBeforeItHasLearned) {
  LearnedCapacity learned{DenseNetwork(LearnedCapacity::sizes())};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(learned.factor(view()), 1);
  EXPECT_EQ(learned.decisions(), 10U);
  EXPECT_EQ(learned.differing(), 0U);
}

TEST(LearnedCapacity, TakesTheFactorThatIsWorthMost) {
  LearnedCapacity learned(network_for(4));
  EXPECT_EQ(learned.factor(view()), 1.25);
  EXPECT_EQ(learned.differing(), 1U);
}

TEST(LearnedCapacity, LeavesItToTheRuleWhereAQValueIsNotANumber) {
  LearnedCapacity learned(network_for(4, std::nanf("")));
  EXPECT_EQ(learned.factor(view()), 1);
}

TEST(LearnedCapacity, LooksAtFiniteFeaturesWhateverIsCounted) {
  CapacityFeatures features;
  CapacityView odd = view();
  odd.installed = 0;
  odd.recent_work = std::numeric_limits<double>::infinity();
  odd.newest_work = std::nan("");
  odd.waiting_work = 1e300;
  odd.event_in_s = -5;
  for (int i = 0; i < 3; ++i) {
    for (const float feature : features.look(odd, 0.8)) EXPECT_LE(std::abs(feature), 4);
  }
}

TEST(LearnedCapacity, IsReadFromAFileAndRefusedWhereThatIsNone) {
  const ScratchFolder folder;
  WeightFile weights{.kind = LearnedCapacity::kKind, .schema = CapacityFeatures::kSchema};
  network_for(0).store(weights, "q");
  const std::string file = (folder / "capacity.h5").string();
  write_weights(weights, file);
  EXPECT_EQ(learned_capacity_of(file)->factor(view()), 0.8);
  EXPECT_EQ(learned_capacity_of("none"), nullptr);
  EXPECT_NE(refusal([] { learned_capacity_of("no/such/file.h5"); }), kNothingRefused);
}

}  // namespace
}  // namespace weir
