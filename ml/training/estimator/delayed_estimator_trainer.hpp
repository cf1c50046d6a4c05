// Fits while it is asked, and answers as late as a fit would take: for virtual worlds.

#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "ml/inference/estimator_trainer.hpp"
#include "ml/training/estimator/refit_service_estimator.hpp"

namespace weir {

class DelayedEstimatorTrainer final : public EstimatorTrainer {
 public:
  // About what 40,000 samples take on a busy core.
  static constexpr Duration kUsualDelay = std::chrono::milliseconds(500);

  explicit DelayedEstimatorTrainer(Duration delay = kUsualDelay) : delay_(delay) {}

  void begin(std::vector<ServiceSample> samples, const ServiceEstimator& from,
             Instant now) override {
    fitted_ = refitted(from, std::move(samples));
    ready_ = now + delay_;
  }
  bool is_busy() const override { return fitted_.has_value(); }
  std::optional<ServiceEstimator> try_take(Instant now) override {
    if (now < ready_) return std::nullopt;
    return std::exchange(fitted_, std::nullopt);
  }

 private:
  Duration delay_;
  std::optional<ServiceEstimator> fitted_;
  Instant ready_ = kNever;
};

}  // namespace weir
