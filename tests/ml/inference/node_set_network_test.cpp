#include "ml/inference/node_set_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/base/random.hpp"
#include "tests/support/refusal.hpp"

namespace weir {
namespace {

const NodeSetShape kShape{.node_features = 5,
                          .class_features = 2,
                          .context_features = 3,
                          .node_actions = 3,
                          .set_branches = {3, 2}};

struct Features {
  std::vector<float> nodes;
  std::vector<float> classes;
  std::vector<float> context;
  NodeSet view() const { return {nodes, classes, context}; }
};

std::vector<float> random_numbers(std::size_t count, Random& random) {
  std::vector<float> numbers(count);
  for (float& number : numbers) number = static_cast<float>(random.normal());
  return numbers;
}

Features random_features(std::size_t nodes, std::size_t classes, std::uint64_t seed) {
  Random random(seed);
  return {random_numbers(nodes * kShape.node_features, random),
          random_numbers(nodes * classes * kShape.class_features, random),
          random_numbers(kShape.context_features, random)};
}

void store_random(std::vector<std::size_t> sizes, const char* prefix, WeightFile& weights,
                  Random& random) {
  DenseNetwork network(std::move(sizes));
  for (float& parameter : network.parameters()) {
    parameter = static_cast<float>(0.2 * random.normal());
  }
  network.store(weights, prefix);
}

WeightFile random_weights() {
  Random random(7);
  WeightFile weights{.kind = NodeSetNetwork::kKind};
  store_random(node_network_sizes(kShape), "node", weights, random);
  store_random(head_network_sizes(kShape), "head", weights, random);
  store_random(set_network_sizes(kShape), "set", weights, random);
  store_shape(text_of(kShape), weights);
  return weights;
}

// The definition again, in double precision and without regard to speed.
using Numbers = std::vector<double>;

Numbers rectified(Numbers numbers) {
  for (double& number : numbers) number = std::max(0.0, number);
  return numbers;
}

Numbers layer(const WeightFile& weights, const std::string& name, const Numbers& in) {
  const auto& matrix = weights.tensors.at(name + ".weight").values;
  const auto& bias = weights.tensors.at(name + ".bias").values;
  Numbers out(bias.begin(), bias.end());
  for (std::size_t o = 0; o < out.size(); ++o) {
    for (std::size_t i = 0; i < in.size(); ++i) {
      out[o] += static_cast<double>(matrix[o * in.size() + i]) * in[i];
    }
  }
  return out;
}

void add_branch(double value, const Numbers& advantages, Numbers& values) {
  const double mean = std::accumulate(advantages.begin(), advantages.end(), 0.0) /
                      static_cast<double>(advantages.size());
  for (const double advantage : advantages) values.push_back(value + advantage - mean);
}

Numbers part(const std::vector<float>& numbers, std::size_t first, std::size_t count) {
  const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

Numbers by_definition(const WeightFile& weights, const Features& features, std::size_t nodes,
                      std::size_t classes) {
  std::vector<Numbers> embeddings;
  Numbers set(2 * kNodeEmbedding);
  for (std::size_t n = 0; n < nodes; ++n) {
    const Numbers in = part(features.nodes, n * kShape.node_features, kShape.node_features);
    const Numbers hidden = rectified(layer(weights, "node.0", in));
    embeddings.push_back(rectified(layer(weights, "node.1", hidden)));
    for (std::size_t i = 0; i < kNodeEmbedding; ++i) {
      set[i] += embeddings[n][i] / static_cast<double>(nodes);
      set[kNodeEmbedding + i] = std::max(set[kNodeEmbedding + i], embeddings[n][i]);
    }
  }
  set.insert(set.end(), features.context.begin(), features.context.end());
  const Numbers whole = layer(weights, "set.1", rectified(layer(weights, "set.0", set)));
  Numbers values;
  for (std::size_t pair = 0; pair < nodes * classes; ++pair) {
    Numbers in = embeddings[pair / classes];
    const Numbers of_class =
        part(features.classes, pair * kShape.class_features, kShape.class_features);
    in.insert(in.end(), of_class.begin(), of_class.end());
    in.insert(in.end(), set.begin(), set.end());
    const Numbers hidden = rectified(layer(weights, "head.0", in));
    const Numbers last = rectified(layer(weights, "head.1", hidden));
    add_branch(whole[0], layer(weights, "head.2", last), values);
  }
  add_branch(whole[0], {whole[1], whole[2], whole[3]}, values);
  add_branch(whole[0], {whole[4], whole[5]}, values);
  return values;
}

TEST(NodeSetNetwork, IsWhatItsDefinitionSaysForAnyNumberOfNodesAndClasses) {
  const WeightFile weights = random_weights();
  NodeSetNetwork network(kShape, weights, "file");
  for (const std::size_t nodes : {1, 4, 5, 16, 50, 1000, 10000}) {
    for (const std::size_t classes : {1, 3}) {
      const Features features = random_features(nodes, classes, nodes);
      const auto values = network.evaluate(features.view());
      const Numbers wanted = by_definition(weights, features, nodes, classes);
      ASSERT_EQ(values.size(), wanted.size());
      ASSERT_EQ(values.size(), action_count(branches_of(kShape, nodes, classes)));
      double error = 0;
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        error = std::max(error, std::abs(static_cast<double>(values[i]) - wanted[i]));
      }
      EXPECT_LT(error, 1e-5) << nodes << " nodes, " << classes << " classes";
    }
  }
}

// Nobody's number matters: when nodes change places, so do their values.
TEST(NodeSetNetwork, GivesANodeTheSameValuesInAnyPlace) {
  NodeSetNetwork network(kShape, random_weights(), "file");
  Features features = random_features(21, 1, 3);
  const auto first = network.evaluate(features.view());
  const std::vector<float> before(first.begin(), first.end());
  std::ranges::rotate(features.nodes, features.nodes.begin() + 5);      // one node
  std::ranges::rotate(features.classes, features.classes.begin() + 2);  // its one class
  const auto after = network.evaluate(features.view());
  for (std::size_t i = 0; i < after.size(); ++i) {
    const bool of_set = i >= 21 * 3;
    const std::size_t was = of_set ? i : (i + 3) % (21 * 3);
    EXPECT_NEAR(after[i], before[was], 1e-6F);
  }
}

// What dueling means: the mean over the actions of each branch is the value of the state.
TEST(NodeSetNetwork, HasTheSameMeanInEveryBranch) {
  NodeSetNetwork network(kShape, random_weights(), "file");
  const Features features = random_features(6, 2, 4);
  std::span<const float> values = network.evaluate(features.view());
  const float mean = (values[0] + values[1] + values[2]) / 3;
  for (const std::uint8_t actions : branches_of(kShape, 6, 2)) {
    const auto branch = values.first(actions);
    const float sum = std::accumulate(branch.begin(), branch.end(), 0.0F);
    EXPECT_NEAR(sum / static_cast<float>(actions), mean, 1e-6F);
    values = values.subspan(actions);
  }
}

TEST(NodeSetNetwork, LetsAFeatureThatIsNoNumberBeSeen) {
  NodeSetNetwork network(kShape, random_weights(), "file");
  Features features = random_features(4, 1, 5);
  features.nodes[7] = std::nanf("");
  EXPECT_TRUE(std::isnan(network.evaluate(features.view())[0]));
}

TEST(NodeSetNetwork, RefusesWeightsOfAnotherShape) {
  NodeSetShape other = kShape;
  other.context_features = 4;
  EXPECT_NE(refusal([&] { NodeSetNetwork(other, random_weights(), "file"); }), kNothingRefused);
  WeightFile without = random_weights();
  without.tensors.erase("set.1.bias");
  const std::string report = refusal([&] { NodeSetNetwork(kShape, without, "file"); });
  EXPECT_NE(report.find("set.1.bias"), std::string::npos) << report;
}

// They have the same tensors.
TEST(NodeSetNetwork, RefusesWeightsOfOtherBranchesOfTheSameTotal) {
  NodeSetShape other = kShape;
  other.set_branches = {2, 3};
  const std::string report = refusal([&] { NodeSetNetwork(other, random_weights(), "file"); });
  EXPECT_NE(report.find("set_branch 3 set_branch 2\n"), std::string::npos) << report;
  EXPECT_NE(report.find("set_branch 2 set_branch 3\n"), std::string::npos) << report;
}

TEST(NodeSetNetwork, RefusesWeightsThatDoNotSayWhichOfSeveralBranchesTheyAreOf) {
  WeightFile weights = random_weights();
  weights.provenance.clear();
  const std::string report = refusal([&] { NodeSetNetwork(kShape, weights, "file"); });
  EXPECT_NE(report.find("no shape of the network"), std::string::npos) << report;
  NodeSetShape one_branch = kShape;
  one_branch.set_branches = {5};
  EXPECT_EQ(refusal([&] { NodeSetNetwork(one_branch, weights, "file"); }), kNothingRefused);
}

TEST(NodeSetNetworkDeathTest, RefusesAShapeOfWhichThereIsNoNetwork) {
  EXPECT_DEATH(NodeSetNetwork({.node_features = 0}), "nothing to look at");
  EXPECT_DEATH(NodeSetNetwork({.class_features = 0}), "nothing to look at");
  EXPECT_DEATH(NodeSetNetwork({.node_actions = 256}), "too few or many actions");
  EXPECT_DEATH(NodeSetNetwork({.set_branches = {2, 0}}), "a branch without an action");
}

TEST(NodeSetNetworkDeathTest, RefusesFeaturesThatAreNotThoseOfItsShape) {
  NodeSetNetwork network(kShape, random_weights(), "file");
  Features features = random_features(4, 1, 5);
  features.nodes.pop_back();
  EXPECT_DEATH(network.evaluate(features.view()), "half a node");
}

}  // namespace
}  // namespace weir
