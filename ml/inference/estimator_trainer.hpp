// The seam to whatever fits service estimators while a run goes on: begin now, take what came of
// it when it is there.

#pragma once

#include <optional>
#include <vector>

#include "ml/inference/service_estimator.hpp"
#include "ml/inference/service_sample.hpp"
#include "runtime/base/time.hpp"

namespace weir {

// Used from the control thread only.
class EstimatorTrainer {
 public:
  virtual ~EstimatorTrainer() = default;

  // Fits to these samples and goes on from that estimator. Not while it is busy. Never waits for
  // the fit.
  virtual void begin(std::vector<ServiceSample> samples, const ServiceEstimator& from,
                     Instant now) = 0;

  // Whether a fit has begun and was not taken.
  virtual bool is_busy() const = 0;

  // What was fitted, once it is there. Whoever takes it checks that it is sane.
  virtual std::optional<ServiceEstimator> try_take(Instant now) = 0;
};

}  // namespace weir
