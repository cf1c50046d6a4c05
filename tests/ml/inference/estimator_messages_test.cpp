#include "ml/inference/estimator_messages.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/service_worlds.hpp"

namespace weir {
namespace {

constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();

TEST(EstimatorMessages, BringSamplesOver) {
  Random random(1);
  const auto samples = drawn_service_samples(3, random, [](const auto&) { return 1.5; });
  const auto read = samples_of(ServiceSamples{1, 0, rows_of(samples)});
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*read)[i].features, samples[i].features);
    EXPECT_EQ((*read)[i].ratio, samples[i].ratio);
  }
}

TEST(EstimatorMessages, RefuseSamplesThatAreNotWholeOrNotFinite) {
  Random random(1);
  const auto rows = rows_of(drawn_service_samples(2, random, [](const auto&) { return 1.0; }));
  auto torn = rows;
  torn.pop_back();
  EXPECT_FALSE(samples_of(ServiceSamples{1, 0, torn}));
  auto wrong = rows;
  wrong[3] = kNoNumber;
  EXPECT_FALSE(samples_of(ServiceSamples{1, 0, wrong}));
  wrong = rows;
  wrong.back() = 0;
  EXPECT_FALSE(samples_of(ServiceSamples{1, 0, wrong})) << "no task takes no time";
}

TEST(EstimatorMessages, BringWeightsOver) {
  ServiceEstimator estimator = ServiceEstimator::untrained(3);
  estimator.set_seen(SeenFeatures(ServiceFeatures{0.5F}));
  const EstimatorWeights message = message_of(estimator, 4, 2'000);
  EXPECT_EQ(message.version, 4U);
  EXPECT_EQ(message.sample_count, 2'000U);
  const auto read = estimator_of(message);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->weights().tensors, estimator.weights().tensors);
  EXPECT_TRUE(estimator_of(message_of(ServiceEstimator(), 1, 0))) << "it has seen anything";
}

TEST(EstimatorMessages, RefuseWeightsThatAreNotWholeOrNotFinite) {
  const EstimatorWeights whole = message_of(ServiceEstimator::untrained(3), 1, 1);
  EstimatorWeights damaged = whole;
  damaged.parameters.pop_back();
  EXPECT_FALSE(estimator_of(damaged));
  damaged = whole;
  damaged.parameters[7] = kNoNumber;
  EXPECT_FALSE(estimator_of(damaged));
  damaged = whole;
  damaged.most[0] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(estimator_of(damaged));
  damaged = whole;
  damaged.least.clear();
  EXPECT_FALSE(estimator_of(damaged));
}

}  // namespace
}  // namespace weir
