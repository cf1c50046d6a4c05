#include "runtime/policy/decision_counts.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "runtime/policy/tree_policy.hpp"

namespace weir {
namespace {

TEST(DecisionCounts, AddUp) {
  DecisionCounts one{.placements = 10, .differing = 3};
  one[GuardReason::kTooSlow] = {.placements = 4, .times = 1};
  DecisionCounts other{.placements = 5, .differing = 2};
  other[GuardReason::kTooSlow] = {.placements = 2, .times = 1};
  other[GuardReason::kComparison] = {.placements = 1, .times = 1};

  DecisionCounts sum{.placements = 15, .differing = 5};
  sum[GuardReason::kTooSlow] = {.placements = 6, .times = 2};
  sum[GuardReason::kComparison] = {.placements = 1, .times = 1};
  EXPECT_EQ(one += other, sum);
}

TEST(DecisionCounts, AreTheDifferenceSinceAnEarlierTime) {
  const DecisionCounts earlier{
      .placements = 10, .differing = 3, .directives = 4, .pricing_directives = 1};
  DecisionCounts later{.placements = 15, .differing = 5, .directives = 9, .pricing_directives = 3};
  later[GuardReason::kComparison] = {.placements = 1, .times = 1};
  DecisionCounts between{.placements = 5, .differing = 2, .directives = 5, .pricing_directives = 2};
  between[GuardReason::kComparison] = {.placements = 1, .times = 1};
  EXPECT_EQ(later.since(earlier), between);
}

TEST(DecisionCounts, NameEachReasonDifferently) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kGuardReasons; ++i)
    names.insert(name_of(static_cast<GuardReason>(i)));
  EXPECT_EQ(names.size(), kGuardReasons);
}

class CountedPolicy final : public Policy {
 public:
  RankId place(const TaskView&, const ClusterView& cluster) override {
    return cluster.nodes.front().rank;
  }
  std::optional<DecisionCounts> decision_counts() const override {
    return DecisionCounts{.placements = 7};
  }
};

TEST(DecisionCounts, ComeThroughAPolicyAroundAnotherOne) {
  const TreePolicy policy(std::make_unique<CountedPolicy>());
  EXPECT_EQ(policy.decision_counts(), DecisionCounts{.placements = 7});
}

}  // namespace
}  // namespace weir
