#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ml/inference/dense_network.hpp"
#include "ml/inference/node_set_network.hpp"
#include "ml/training/control/dqn.hpp"
#include "runtime/base/random.hpp"
#include "tests/ml/training/control/toy_environments.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

// What is trained with LibTorch is what runs without it.

namespace weir {
namespace {

std::vector<float> random_numbers(std::size_t count, Random& random) {
  std::vector<float> numbers(count);
  for (float& number : numbers) number = static_cast<float>(random.normal());
  return numbers;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

// The weights make the way through a file.
WeightFile stored(const Dqn& dqn) {
  const ScratchFolder folder;
  write_weights(dqn.weights(), folder / "weights.h5");
  return read_weights(folder / "weights.h5", NodeSetNetwork::kKind, 0);
}

class QNetworkTest : public testing::TestWithParam<std::int64_t> {};

TEST_P(QNetworkTest, OverASetIsTheSameInPlainCodeForAnyNumberOfNodes) {
  const NodeSetShape shape{
      .class_features = 3, .context_features = 20, .node_actions = 3, .set_branches = {3, 5}};
  const Dqn dqn(shape, {.quantiles = GetParam()}, several<LoadedSet>(1), Curriculum({"any"}));
  NodeSetNetwork plain(shape, stored(dqn), "file");
  Random random(1);
  for (const std::size_t nodes : {4, 50, 1000}) {
    for (const std::size_t classes : {1, 3}) {
      const Observation seen{
          .nodes = random_numbers(nodes * shape.node_features, random),
          .classes = random_numbers(nodes * classes * shape.class_features, random),
          .context = random_numbers(shape.context_features, random)};
      EXPECT_LT(largest_difference(plain.evaluate(node_set(seen)), dqn.values(seen)), 1e-5)
          << nodes << " nodes, " << classes << " classes";
    }
  }
}

TEST_P(QNetworkTest, OfOneNodeIsAPlainDenseNetwork) {
  const DenseShape shape{.inputs = 14, .branches = {3, 2, 4}};
  const Dqn dqn(shape, {.quantiles = GetParam()}, several<Chain>(1), Curriculum({"any"}));
  DenseNetwork plain({14, 64, 32, 9}, stored(dqn), "q", "file");
  Random random(2);
  for (int i = 0; i < 20; ++i) {
    const Observation seen{.context = random_numbers(14, random)};
    std::vector<float> values(9);
    plain.evaluate(seen.context, 1, values);
    EXPECT_LT(largest_difference(values, dqn.values(seen)), 1e-5);
  }
}

// As online learning begins with the weights that were shipped.
TEST_P(QNetworkTest, HasTheValuesOfTheWeightsItBeginsWith) {
  const NodeSetShape set{.class_features = 3, .context_features = 20, .set_branches = {3, 5}};
  const DenseShape dense{.inputs = 20, .branches = {3, 2, 4}};
  Random random(3);
  const Observation seen{.nodes = random_numbers(7 * 16, random),
                         .classes = random_numbers(7 * 2 * 3, random),
                         .context = random_numbers(20, random)};
  for (const QShape& shape : {QShape(set), QShape(dense)}) {
    const Dqn shipped(shape, {.seed = 8, .quantiles = 4}, several<Chain>(1), Curriculum({"any"}));
    Dqn dqn(shape, {.seed = 9, .quantiles = GetParam()}, several<Chain>(1), Curriculum({"any"}));
    dqn.begin_with(stored(shipped), "file");
    EXPECT_LT(largest_difference(dqn.values(seen), shipped.values(seen)), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Quantiles, QNetworkTest, testing::Values(1, 32));

TEST(QNetwork, BeginsWithOtherWeightsForAnotherSeed) {
  const DenseShape shape{.inputs = 3, .branches = {2}};
  const auto weights = [&](std::uint64_t seed) {
    return Dqn(shape, {.seed = seed}, several<Chain>(1), Curriculum({"any"})).weights();
  };
  EXPECT_EQ(weights(1).tensors, weights(1).tensors);
  EXPECT_NE(weights(1).tensors.at("q.0.weight").values, weights(2).tensors.at("q.0.weight").values);
}

TEST(QNetwork, RefusesToBeginWithWeightsOfAnotherShapeAndStaysAsItWas) {
  const Dqn shipped(DenseShape{.inputs = 3, .branches = {2}}, {}, several<Chain>(1),
                    Curriculum({"any"}));
  Dqn dqn(DenseShape{.inputs = 3, .branches = {2, 2}}, {.seed = 2}, several<Chain>(1),
          Curriculum({"any"}));
  const WeightFile before = dqn.weights();
  const std::string report = refusal([&] { dqn.begin_with(shipped.weights(), "shipped.h5"); });
  EXPECT_NE(report.find("shipped.h5: 'q.2.bias' of 2"), std::string::npos) << report;
  EXPECT_NE(report.find("needed  4"), std::string::npos) << report;
  EXPECT_EQ(dqn.weights().tensors, before.tensors);
}

TEST(QNetwork, RefusesToBeginWithOtherBranchesOfTheSameTotal) {
  const auto dqn_of = [](const QShape& shape, std::uint64_t seed) {
    return std::make_unique<Dqn>(shape, DqnOptions{.seed = seed}, several<Chain>(1),
                                 Curriculum({"any"}));
  };
  const std::vector<std::pair<QShape, QShape>> pairs{
      {NodeSetShape{.set_branches = {3, 2}}, NodeSetShape{.set_branches = {2, 3}}},
      {DenseShape{.inputs = 3, .branches = {3, 2}}, DenseShape{.inputs = 3, .branches = {2, 3}}}};
  for (const auto& [of_file, needed] : pairs) {
    const auto dqn = dqn_of(needed, 2);
    const WeightFile before = dqn->weights();
    const WeightFile shipped = stored(*dqn_of(of_file, 1));
    const std::string report = refusal([&] { dqn->begin_with(shipped, "shipped.h5"); });
    EXPECT_NE(report.find("shipped.h5: " + text_of(of_file)), std::string::npos) << report;
    EXPECT_NE(report.find("needed  " + text_of(needed)), std::string::npos) << report;
    EXPECT_EQ(dqn->weights().tensors, before.tensors);
  }
}

TEST(QNetworkDeathTest, RefusesAShapeOfWhichThereIsNoNetwork) {
  const auto make = [](const QShape& shape) {
    Dqn(shape, {}, several<Chain>(1), Curriculum({"any"}));
  };
  EXPECT_DEATH(make(NodeSetShape{.node_features = 0}), "nothing to look at");
  EXPECT_DEATH(make(NodeSetShape{.node_actions = 256}), "too few or many actions");
  EXPECT_DEATH(make(NodeSetShape{.set_branches = {0}}), "a branch without an action");
  EXPECT_DEATH(make(DenseShape{.inputs = 1}), "nothing to see or to decide");
  EXPECT_DEATH(make(DenseShape{.inputs = 1, .branches = {2, 0}}), "a branch without an action");
}

}  // namespace
}  // namespace weir
