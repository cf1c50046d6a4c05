#include "ml/inference/lstm_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

// One input, one unit per layer, one output: small enough for a calculator.
WeightFile tiny() {
  WeightFile weights{.kind = "forecaster", .schema = 1};
  weights.tensors["lstm.0.input"] = {{4, 1}, {1, 2, 3, 4}};
  weights.tensors["lstm.0.hidden"] = {{4, 1}, {0.1F, 0.2F, 0.3F, 0.4F}};
  weights.tensors["lstm.0.bias"] = {{4}, {0, 1, 0, 0}};
  weights.tensors["lstm.1.input"] = {{4, 1}, {1, 1, 1, 1}};
  weights.tensors["lstm.1.hidden"] = {{4, 1}, {0, 0, 0, 0}};
  weights.tensors["lstm.1.bias"] = {{4}, {0, 0, 0, 0}};
  weights.tensors["head.state"] = {{1, 1}, {10}};
  weights.tensors["head.input"] = {{1, 1}, {0.5F}};
  weights.tensors["head.bias"] = {{1}, {3}};
  return weights;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

TEST(LstmNetwork, FollowsTheEquationsOfItsCellsOverTwoSteps) {
  const LstmNetwork network(1, 1, tiny(), "tiny.h5");
  LstmState state = network.zero_state();
  double h0 = 0;
  double c0 = 0;
  double c1 = 0;
  for (const float x : {0.5F, -0.2F}) {
    std::array<float, 1> out{};
    network.step(std::array{x}, state, out);
    c0 = sigmoid(2 * x + 0.2 * h0 + 1) * c0 + sigmoid(x + 0.1 * h0) * std::tanh(3 * x + 0.3 * h0);
    h0 = sigmoid(4 * x + 0.4 * h0) * std::tanh(c0);
    c1 = sigmoid(h0) * c1 + sigmoid(h0) * std::tanh(h0);
    const double h1 = sigmoid(h0) * std::tanh(c1);
    EXPECT_NEAR(out[0], 10 * h1 + 0.5 * x + 3, 1e-5);
  }
}

TEST(LstmNetwork, KeepsStreamsApartByTheirStates) {
  const LstmNetwork network(1, 1, tiny(), "tiny.h5");
  LstmState busy = network.zero_state();
  LstmState fresh = network.zero_state();
  std::array<float, 1> out{};
  network.step(std::array{5.0F}, busy, out);
  network.step(std::array{1.0F}, busy, out);
  const float after_busy = out[0];
  network.step(std::array{1.0F}, fresh, out);
  EXPECT_NE(out[0], after_busy);
}

TEST(LstmNetwork, RefusesWeightsThatAreMissingOrOfAnotherShape) {
  WeightFile weights = tiny();
  weights.tensors["lstm.1.hidden"] = {{4, 2}, std::vector<float>(8)};
  const std::string shape = refusal([&] { LstmNetwork(1, 1, weights, "tiny.h5"); });
  EXPECT_NE(shape.find("'lstm.1.hidden' of 4x2"), std::string::npos) << shape;
  weights = tiny();
  weights.tensors.erase("head.bias");
  EXPECT_NE(refusal([&] { LstmNetwork(1, 1, weights, "tiny.h5"); }).find("head.bias"),
            std::string::npos);
  weights.tensors["lstm.0.bias"] = {{3}, {0, 0, 0}};
  EXPECT_NE(refusal([&] { LstmNetwork(1, 1, weights, "tiny.h5"); }).find("'lstm.0.bias'"),
            std::string::npos);
}

TEST(QuantilesOf, CannotCrossWhateverTheNetworkSays) {
  for (const float size : {-1000.0F, -3.0F, 0.0F, 2.0F, 1000.0F}) {
    const std::array outputs{0.5F, size, -size, size / 2, -size};
    const auto quantiles = quantiles_of(outputs);
    EXPECT_TRUE(std::ranges::is_sorted(quantiles)) << size;
    EXPECT_EQ(quantiles[kMedian], 0.5);
  }
}

// softplus(0) = ln 2.
TEST(QuantilesOf, AreTheMedianAndSumsOfPositiveDistances) {
  const auto quantiles = quantiles_of(std::array{1.0F, 0.0F, 0.0F, 0.0F, 0.0F});
  EXPECT_NEAR(quantiles[0], 1 - std::log(2), 1e-9);
  EXPECT_NEAR(quantiles[4], 1 + 3 * std::log(2), 1e-9);
}

}  // namespace
}  // namespace weir
