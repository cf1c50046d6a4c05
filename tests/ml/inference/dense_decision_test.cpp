#include "ml/inference/dense_decision.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace weir {
namespace {

// One input that does not matter; so many actions, of these values.
DenseNetwork network_with(const std::vector<float>& values) {
  DenseNetwork network({1, values.size()});
  // The biases come last.
  std::ranges::copy(values, network.parameters().end() - static_cast<long>(values.size()));
  return network;
}

std::uint8_t chosen(const std::vector<float>& values, std::uint8_t hold,
                    DecisionWatch* watch = nullptr) {
  return DenseDecision(network_with(values), hold, watch).choose(std::array{1.0F});
}

TEST(DenseDecision, TakesTheRulesActionUnlessAnotherIsWorthMore) {
  EXPECT_EQ(chosen({2, 1, 0}, 1), 0);
  EXPECT_EQ(chosen({1, 1, 1}, 1), 1);
  EXPECT_EQ(chosen({0, 1, 3}, 1), 2);
}

TEST(DenseDecision, TakesTheRulesActionWhereAValueIsNotANumber) {
  EXPECT_EQ(chosen({2, 1, std::numeric_limits<float>::quiet_NaN()}, 1), 1);
  EXPECT_EQ(chosen({2, 1, std::numeric_limits<float>::infinity()}, 1), 1);
}

class AlwaysTheLast final : public DecisionWatch {
 public:
  void on_decision(std::span<const float>, std::span<const float> values,
                   std::uint8_t& action) override {
    action = static_cast<std::uint8_t>(values.size() - 1);
  }
};

TEST(DenseDecision, LetsTheWatchDecideAndCountsWhatCameOfIt) {
  AlwaysTheLast watch;
  DenseDecision decision(network_with({0, 1, 0}), 1, &watch);
  EXPECT_EQ(decision.choose(std::array{1.0F}), 2);
  EXPECT_EQ(decision.decisions(), 1U);
  EXPECT_EQ(decision.differing(), 1U);
}

}  // namespace
}  // namespace weir
