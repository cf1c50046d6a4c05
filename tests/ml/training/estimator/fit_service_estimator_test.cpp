#include "ml/training/estimator/fit_service_estimator.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr auto kFirst = static_cast<std::size_t>(ServiceFeature::kUnlikeItsKind);
constexpr auto kSecond = static_cast<std::size_t>(ServiceFeature::kOwnShortMean);

// Exponential sizes whose mean is `mean(features)` times what was told.
template <typename Mean>
std::vector<ServiceSample> drawn_samples(int count, Mean mean) {
  Random random(1);
  std::vector<ServiceSample> samples;
  for (int i = 0; i < count; ++i) {
    ServiceSample sample;
    for (float& feature : sample.features) feature = static_cast<float>(random.uniform() - 0.5);
    sample.ratio = static_cast<float>(random.exponential(mean(sample.features)));
    samples.push_back(sample);
  }
  return samples;
}

double correction(ServiceEstimator& estimator, float first, float second) {
  ServiceFeatures features{};
  features[kFirst] = first;
  features[kSecond] = second;
  float result = 0;
  estimator.evaluate({&features, 1}, {&result, 1});
  return std::exp(result);
}

TEST(FitServiceEstimator, FindsAMeanThatDependsOnTwoFeatures) {
  const auto mean = [](const ServiceFeatures& features) {
    return std::exp(0.6 * features[kFirst]) * (features[kSecond] > 0 ? 1.5 : 1.0);
  };
  ServiceEstimator estimator = ServiceEstimator::untrained(1);
  fit_service_estimator(estimator, drawn_samples(200'000, mean), {.epochs = 10});
  EXPECT_NEAR(correction(estimator, 0.4F, 0.4F), std::exp(0.24) * 1.5, 0.15);
  EXPECT_NEAR(correction(estimator, 0.4F, -0.4F), std::exp(0.24), 0.15);
  EXPECT_NEAR(correction(estimator, -0.4F, 0.4F), std::exp(-0.24) * 1.5, 0.15);
  EXPECT_NEAR(correction(estimator, -0.4F, -0.4F), std::exp(-0.24), 0.15);
}

TEST(FitServiceEstimator, CorrectsNothingWhereNodesToldTheTruth) {
  ServiceEstimator estimator = ServiceEstimator::untrained(1);
  const auto epochs = fit_service_estimator(
      estimator, drawn_samples(100'000, [](const auto&) { return 1.0; }), {.epochs = 4});
  EXPECT_NEAR(correction(estimator, 0.3F, -0.3F), 1, 0.04);
  EXPECT_NEAR(epochs.back().loss, epochs.back().told_loss, 0.005);
}

TEST(FitServiceEstimator, GivesEqualWeightsForEqualSeeds) {
  const auto samples = drawn_samples(2000, [](const auto& f) { return 1.0 + f[kFirst]; });
  ServiceEstimator one = ServiceEstimator::untrained(1);
  ServiceEstimator other = ServiceEstimator::untrained(1);
  fit_service_estimator(one, samples, {.seed = 5});
  fit_service_estimator(other, samples, {.seed = 5});
  EXPECT_EQ(one.weights().tensors, other.weights().tensors);
  ServiceEstimator third = ServiceEstimator::untrained(1);
  fit_service_estimator(third, samples, {.seed = 6});
  EXPECT_NE(one.weights().tensors, third.weights().tensors);
}

TEST(FitServiceEstimator, RemembersWhatItHasSeen) {
  ServiceEstimator estimator = ServiceEstimator::untrained(1);
  fit_service_estimator(estimator, drawn_samples(2000, [](const auto&) { return 1.0; }), {});
  ServiceFeatures features{};
  EXPECT_TRUE(estimator.knows_the_like_of(features));
  features[kSecond] = 0.49F;
  EXPECT_TRUE(estimator.knows_the_like_of(features));
  features[kSecond] = 0.7F;
  EXPECT_FALSE(estimator.knows_the_like_of(features));
}

// One task of a million times the usual size must not decide.
TEST(FitServiceEstimator, IsNotThrownOffByOneHugeTask) {
  auto samples = drawn_samples(20'000, [](const auto&) { return 1.0; });
  samples[77].ratio = 1e6F;
  ServiceEstimator estimator = ServiceEstimator::untrained(1);
  fit_service_estimator(estimator, samples, {.epochs = 3});
  EXPECT_NEAR(correction(estimator, 0, 0), 1, 0.1);
}

TEST(FitServiceEstimatorDeathTest, RefusesLessThanABatch) {
  ServiceEstimator estimator;
  EXPECT_DEATH(fit_service_estimator(estimator, std::vector<ServiceSample>(3), {}), "a batch");
}

}  // namespace
}  // namespace weir
