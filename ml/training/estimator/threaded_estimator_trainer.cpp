#include "ml/training/estimator/threaded_estimator_trainer.hpp"

#include <stop_token>
#include <utility>

#include "ml/training/estimator/refit_service_estimator.hpp"
#include "runtime/base/check.hpp"
#include "topology/binding.hpp"

namespace weir {

ThreadedEstimatorTrainer::~ThreadedEstimatorTrainer() = default;

void ThreadedEstimatorTrainer::begin(std::vector<ServiceSample> samples,
                                     const ServiceEstimator& from, Instant) {
  WEIR_CHECK(!is_busy(), "two fits at one time");
  is_done_ = false;
  fit_ = std::jthread([this, samples = std::move(samples), from](std::stop_token stop) mutable {
    // A refused priority costs time, not correctness.
    lower_thread_priority();
    fitted_ = refitted(from, std::move(samples), [&stop] { return !stop.stop_requested(); });
    is_done_ = true;
  });
}

std::optional<ServiceEstimator> ThreadedEstimatorTrainer::try_take(Instant) {
  if (!is_busy() || !is_done_) return std::nullopt;
  fit_.join();
  return std::exchange(fitted_, std::nullopt);
}

}  // namespace weir
