// Service times without a world: tasks whose features are drawn and whose sizes are exponential.

#pragma once

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "ml/inference/estimator_trainer.hpp"
#include "ml/inference/service_sample.hpp"
#include "runtime/base/random.hpp"

namespace weir {

// Of tasks that take `mean(features)` times as long as told.
template <typename Mean>
std::vector<ServiceSample> drawn_service_samples(int count, Random& random, Mean mean) {
  std::vector<ServiceSample> samples;
  for (int i = 0; i < count; ++i) {
    ServiceSample sample;
    for (float& feature : sample.features) feature = static_cast<float>(random.uniform() - 0.5);
    sample.ratio = static_cast<float>(random.exponential(mean(sample.features)));
    samples.push_back(sample);
  }
  return samples;
}

// Says of every node that tasks take e^`correction` times as long there as it told.
inline ServiceEstimator constant_estimator(float correction) {
  ServiceEstimator estimator;
  estimator.network().parameters().back() = correction;
  return estimator;
}

// Whatever it is shown, these come of it, one after the other, and the last one again and again.
class ScriptedTrainer final : public EstimatorTrainer {
 public:
  explicit ScriptedTrainer(std::vector<ServiceEstimator> answers) : answers_(std::move(answers)) {}

  void begin(std::vector<ServiceSample> samples, const ServiceEstimator&, Instant now) override {
    begun.push_back(now);
    shown = samples.size();
    is_busy_ = true;
  }
  bool is_busy() const override { return is_busy_; }
  std::optional<ServiceEstimator> try_take(Instant) override {
    is_busy_ = false;
    const std::size_t which = std::min(next_++, answers_.size() - 1);
    return answers_[which];
  }

  std::vector<Instant> begun;
  std::size_t shown = 0;

 private:
  std::vector<ServiceEstimator> answers_;
  std::size_t next_ = 0;
  bool is_busy_ = false;
};

}  // namespace weir
