// Fits on a thread of its own, one for each fit, which yields to every other thread of the machine.

#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "ml/inference/estimator_trainer.hpp"

namespace weir {

class ThreadedEstimatorTrainer final : public EstimatorTrainer {
 public:
  ThreadedEstimatorTrainer() = default;
  // Ends a fit that goes on, after the epoch that it is in.
  ~ThreadedEstimatorTrainer() override;

  void begin(std::vector<ServiceSample> samples, const ServiceEstimator& from,
             Instant now) override;
  bool is_busy() const override { return fit_.joinable(); }
  std::optional<ServiceEstimator> try_take(Instant now) override;

 private:
  std::atomic<bool> is_done_ = false;
  std::optional<ServiceEstimator> fitted_;  // the thread's, until it is done
  std::jthread fit_;                        // last: it ends before what it writes to
};

}  // namespace weir
