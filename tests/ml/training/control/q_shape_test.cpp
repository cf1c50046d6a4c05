#include "ml/training/control/q_shape.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(QShape, OfAPlainNetworkFitsTransitionsOfItsInputsAndBranches) {
  const QShape shape = DenseShape{.inputs = 2, .branches = {2, 3}};
  const Observation seen{.context = {1, 2}};
  EXPECT_TRUE(fits(shape, {.observation = seen, .actions = {1, 2}}));
  EXPECT_FALSE(fits(shape, {.observation = {.context = {1}}, .actions = {1, 2}}));
  EXPECT_FALSE(fits(shape, {.observation = seen, .actions = {1, 3}}));
  EXPECT_FALSE(fits(shape, {.observation = seen, .actions = {1}}));
}

TEST(QShape, FitsMasksThatLeaveAnActionInEveryBranch) {
  const QShape shape = DenseShape{.inputs = 1, .branches = {2, 2}};
  const auto masked = [](std::vector<std::uint8_t> feasible) {
    return Transition{.observation = {.context = {1}, .feasible = std::move(feasible)},
                      .actions = {0, 0}};
  };
  EXPECT_TRUE(fits(shape, masked({1, 0, 0, 1})));
  EXPECT_FALSE(fits(shape, masked({1, 1, 0, 0})));
  EXPECT_FALSE(fits(shape, masked({1, 0, 1})));
}

TEST(QShape, AsksOfTheNextObservationOnlyWhereItCounts) {
  const QShape shape = DenseShape{.inputs = 1, .branches = {2}};
  Transition transition{.observation = {.context = {1}}, .actions = {0}};
  EXPECT_TRUE(fits(shape, transition));
  transition.discount = 0.9;
  EXPECT_FALSE(fits(shape, transition));
  transition.next = {.context = {2}};
  EXPECT_TRUE(fits(shape, transition));
}

TEST(QShape, OfASetFitsWholeNodesAndClasses) {
  const QShape shape = NodeSetShape{.node_features = 2, .class_features = 3, .set_branches = {2}};
  Transition transition{
      .observation = {.nodes = std::vector<float>(4), .classes = std::vector<float>(6)},
      .actions = {2, 2, 1}};
  EXPECT_TRUE(fits(shape, transition));
  transition.observation.classes.resize(9);
  EXPECT_FALSE(fits(shape, transition));
  transition.observation.classes.resize(6);
  transition.observation.nodes.resize(3);
  EXPECT_FALSE(fits(shape, transition));
  transition.observation.nodes.clear();
  EXPECT_FALSE(fits(shape, transition));
}

}  // namespace
}  // namespace weir
