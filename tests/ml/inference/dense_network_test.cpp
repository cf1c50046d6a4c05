#include "ml/inference/dense_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

void fill(DenseNetwork& network, std::vector<float> numbers) {
  ASSERT_EQ(numbers.size(), network.parameters().size());
  std::ranges::copy(numbers, network.parameters().begin());
}

TEST(DenseNetwork, IsWeightsTimesInputsPlusBias) {
  DenseNetwork network({2, 1});
  fill(network, {3, -4, 0.5F});
  std::array<float, 2> out{};
  network.evaluate(std::array{1.0F, 2.0F, /**/ 10.0F, 0.0F}, 2, out);
  EXPECT_FLOAT_EQ(out[0], -4.5F);
  EXPECT_FLOAT_EQ(out[1], 30.5F);
}

// |x - y|, by two rectified differences.
TEST(DenseNetwork, RectifiesBetweenLayersAndNotAtTheEnd) {
  DenseNetwork network({2, 2, 1});
  fill(network, {1, -1, -1, 1, 0, 0, /**/ -1, -1, 0});
  std::array<float, 3> out{};
  network.evaluate(std::array{5.0F, 2.0F, /**/ 2.0F, 5.0F, /**/ 3.0F, 3.0F}, 3, out);
  EXPECT_FLOAT_EQ(out[0], -3);
  EXPECT_FLOAT_EQ(out[1], -3);
  EXPECT_FLOAT_EQ(out[2], 0);
}

// Rows are evaluated sixteen or four at a time.
TEST(DenseNetwork, GivesARowTheSameOutputsBesideAnyOthers) {
  DenseNetwork network({3, 7, 5});
  float number = -2;
  for (float& parameter : network.parameters()) parameter = number += 0.07F;
  std::vector<float> inputs(3 * 23);
  for (float& input : inputs) input = number -= 0.3F;
  std::vector<float> together(5 * 23);
  network.evaluate(inputs, 23, together);
  std::vector<float> alone(5 * 23);
  for (std::size_t row = 0; row < 23; ++row) {
    network.evaluate(std::span(inputs).subspan(row * 3, 3), 1,
                     std::span(alone).subspan(row * 5, 5));
  }
  EXPECT_EQ(together, alone);
}

TEST(DenseNetwork, ComesBackFromAFileOfWeights) {
  DenseNetwork network({3, 5, 4, 2});
  float number = 0;
  for (float& parameter : network.parameters()) parameter = 0.1F * ++number;
  WeightFile weights{.kind = "test"};
  network.store(weights, "head");
  EXPECT_EQ(weights.tensors.at("head.1.weight").shape, (std::vector<std::size_t>{4, 5}));
  const DenseNetwork read({3, 5, 4, 2}, weights, "head", "file");
  EXPECT_TRUE(std::ranges::equal(read.parameters(), network.parameters()));
}

TEST(DenseNetwork, RefusesWeightsOfAnotherShape) {
  WeightFile weights{.kind = "test"};
  DenseNetwork({3, 2}).store(weights, "head");
  EXPECT_NE(refusal([&] { DenseNetwork({2, 2}, weights, "head", "file"); }), kNothingRefused);
  EXPECT_NE(refusal([&] { DenseNetwork({3, 2}, weights, "tail", "file"); }), kNothingRefused);
}

TEST(DenseNetworkDeathTest, RefusesInputsOfAnotherSize) {
  DenseNetwork network({2, 1});
  std::array<float, 1> out{};
  EXPECT_DEATH(network.evaluate(std::array{1.0F}, 1, out), "other inputs");
}

}  // namespace
}  // namespace weir
