// What a fit gives, whoever runs it.

#include <gtest/gtest.h>

#include <thread>

#include "ml/training/estimator/delayed_estimator_trainer.hpp"
#include "ml/training/estimator/threaded_estimator_trainer.hpp"
#include "tests/support/service_worlds.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

std::vector<ServiceSample> some_samples(int count) {
  Random random(1);
  return drawn_service_samples(count, random, [](const auto& f) { return 1.5 + f[0]; });
}

TEST(RefittedEstimator, GoesOnFromTheOneInUseAndKnowsWhatItHasSeenToo) {
  ServiceEstimator from = ServiceEstimator::untrained(1);
  from.set_seen(SeenFeatures(ServiceFeatures{3}));
  ServiceEstimator fitted = refitted(from, some_samples(20'000));
  EXPECT_LT(loss_of(fitted, some_samples(20'000)).loss,
            loss_of(from, some_samples(20'000)).loss - 0.05);
  EXPECT_EQ(fitted.seen().most[0], 3);
  EXPECT_LT(fitted.seen().least[0], -0.4F);
}

TEST(RefittedEstimator, IsTheOneInUseWhereThereIsNothingToLearnFrom) {
  const ServiceEstimator from = ServiceEstimator::untrained(1);
  EXPECT_EQ(refitted(from, some_samples(3)).weights().tensors, from.weights().tensors);
}

TEST(DelayedEstimatorTrainer, AnswersAfterAsLongAsAFitTakes) {
  DelayedEstimatorTrainer trainer(2s);
  EXPECT_FALSE(trainer.is_busy());
  trainer.begin(some_samples(1'000), ServiceEstimator::untrained(1), Instant(5s));
  EXPECT_TRUE(trainer.is_busy());
  EXPECT_FALSE(trainer.try_take(Instant(6s)));
  EXPECT_TRUE(trainer.try_take(Instant(7s)));
  EXPECT_FALSE(trainer.is_busy());
}

TEST(ThreadedEstimatorTrainer, GivesWhatAFitInPlaceGives) {
  const ServiceEstimator from = ServiceEstimator::untrained(1);
  ThreadedEstimatorTrainer trainer;
  for (int round = 0; round < 2; ++round) {
    trainer.begin(some_samples(5'000), from, Instant{});
    EXPECT_TRUE(trainer.is_busy());
    std::optional<ServiceEstimator> fitted;
    while (!fitted) {
      std::this_thread::sleep_for(1ms);
      fitted = trainer.try_take(Instant{});
    }
    EXPECT_EQ(fitted->weights().tensors, refitted(from, some_samples(5'000)).weights().tensors);
    EXPECT_FALSE(trainer.is_busy());
  }
}

TEST(ThreadedEstimatorTrainer, EndsWhileItIsBusy) {
  ThreadedEstimatorTrainer trainer;
  trainer.begin(some_samples(40'000), ServiceEstimator::untrained(1), Instant{});
  EXPECT_TRUE(trainer.is_busy());
}

}  // namespace
}  // namespace weir
