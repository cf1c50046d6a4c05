#include "ml/inference/service_estimator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr ClassId kClass{1};

float at(const ServiceFeatures& features, ServiceFeature which) {
  return features[static_cast<std::size_t>(which)];
}

NodeView told_node(double service_s) {
  NodeView node;
  node.cores = 32;
  node.mean_service_s[kClass.value()] = service_s;
  return node;
}

TEST(ServiceFeatures, CompareANodeWithItsKind) {
  const OwnCompletions none;
  using enum ServiceFeature;
  const auto like = service_features(told_node(0.2), kClass, 8, 0.2, none, {});
  EXPECT_FLOAT_EQ(at(like, kUnlikeItsKind), 0);
  EXPECT_FLOAT_EQ(at(like, kMuchSlowerThanItsKind), 0);
  const auto slow = service_features(told_node(0.4), kClass, 8, 0.2, none, {});
  EXPECT_FLOAT_EQ(at(slow, kUnlikeItsKind), std::log(2.0F));
  EXPECT_FLOAT_EQ(at(slow, kMuchSlowerThanItsKind), std::log(2.0F) - 0.3F);
}

TEST(ServiceFeatures, AreBoundedWhateverTheNodeSays) {
  NodeView node = told_node(1e9);
  node.cores = 1;
  node.running = 1'000'000;
  node.own_in_flight = 1'000'000;
  node.classes[kClass.value()] = {.running = 1'000'000, .limit = 1};
  node.report_age = 1000h;
  OwnCompletions own;
  own.add(1e9, Instant{});
  for (const float each : service_features(node, kClass, 1000, 1e-9, own, Instant{1h})) {
    EXPECT_LE(std::abs(each), 3);
  }
}

TEST(ServiceEstimator, CorrectsNothingBeforeItHasLearned) {
  ServiceFeatures features;
  features.fill(0.7F);
  std::array<float, 1> correction{9};
  ServiceEstimator::untrained(3).evaluate({&features, 1}, correction);
  EXPECT_EQ(correction[0], 0);
}

TEST(ServiceEstimator, KeepsItsCorrectionsWithinTheBoundAndTellsWhatIsNoNumber) {
  ServiceEstimator estimator;
  ServiceFeatures features{};
  std::array<float, 1> correction{};
  const auto with_bias = [&](float bias) {
    estimator.network().parameters().back() = bias;
    estimator.evaluate({&features, 1}, correction);
    return correction[0];
  };
  EXPECT_EQ(with_bias(50), ServiceEstimator::kMostCorrection);
  EXPECT_EQ(with_bias(-50), -ServiceEstimator::kMostCorrection);
  EXPECT_TRUE(std::isnan(with_bias(std::nanf(""))));
}

TEST(ServiceEstimator, KnowsTheLikeOfWhatItHasSeen) {
  constexpr auto kFill = static_cast<std::size_t>(ServiceFeature::kOwnFill);
  ServiceFeatures node{};
  node[kFill] = 1000;
  ServiceEstimator estimator;
  EXPECT_TRUE(estimator.knows_the_like_of(node)) << "nobody has said what it has seen";

  SeenFeatures seen(ServiceFeatures{});
  node[kFill] = 2;
  seen.add(node);
  estimator.set_seen(seen);
  const auto knows_fill = [&](float fill) {
    node[kFill] = fill;
    return estimator.knows_the_like_of(node);
  };
  EXPECT_TRUE(knows_fill(0));
  EXPECT_TRUE(knows_fill(2));
  EXPECT_TRUE(knows_fill(2.05F));
  EXPECT_FALSE(knows_fill(2.08F));
  EXPECT_FALSE(knows_fill(-0.08F));
}

ServiceFeatures with_report_of(Duration age) {
  NodeView node = told_node(0.2);
  node.report_age = age;
  return service_features(node, kClass, 8, 0.2, OwnCompletions(), {});
}

ServiceEstimator that_saw_reports_up_to(Duration age) {
  SeenFeatures seen(with_report_of(0s));
  seen.add(with_report_of(age));
  ServiceEstimator estimator;
  estimator.set_seen(seen);
  return estimator;
}

TEST(ServiceEstimator, KnowsReportsTwiceAsOldAsItHasSeenAndNoOlderOnes) {
  const ServiceEstimator estimator = that_saw_reports_up_to(4s);
  EXPECT_TRUE(estimator.knows_the_like_of(with_report_of(8s)));
  EXPECT_FALSE(estimator.knows_the_like_of(with_report_of(9s)));
}

TEST(ServiceEstimator, AllowsYoungReportsNoMoreThanOtherFeatures) {
  const ServiceEstimator estimator = that_saw_reports_up_to(100ms);
  EXPECT_TRUE(estimator.knows_the_like_of(with_report_of(105ms)));
  EXPECT_FALSE(estimator.knows_the_like_of(with_report_of(110ms)));
}

TEST(ServiceEstimator, ComesBackFromAFile) {
  const ScratchFolder folder;
  const auto path = folder / "estimator.h5";
  ServiceEstimator estimator = ServiceEstimator::untrained(5);
  SeenFeatures seen(ServiceFeatures{});
  seen.add({1, 2, 3});
  estimator.set_seen(seen);
  const WeightFile weights = estimator.weights();
  write_weights(weights, path);
  EXPECT_EQ(service_estimator_of(path).weights().tensors, weights.tensors);
}

TEST(ServiceEstimator, RefusesAFileOfAnotherKindOrShape) {
  const ScratchFolder folder;
  const auto path = folder / "estimator.h5";
  WeightFile weights = ServiceEstimator().weights();
  weights.tensors["network.1.bias"] = {{3}, {1, 2, 3}};
  write_weights(weights, path);
  EXPECT_NE(refusal([&] { service_estimator_of(path); }).find("'network.1.bias' of 3"),
            std::string::npos);
  weights.kind = "forecaster";
  write_weights(weights, path);
  EXPECT_NE(refusal([&] { service_estimator_of(path); }).find("weights of a forecaster"),
            std::string::npos);
  EXPECT_NE(refusal([&] { service_estimator_of(folder / "missing.h5"); }), kNothingRefused);
}

}  // namespace
}  // namespace weir
