// What a simulated world teaches of service times: the features of each placement, and what the
// task then took.

#pragma once

#include <vector>

#include "ml/inference/service_estimator.hpp"
#include "ml/training/estimator/fit_service_estimator.hpp"
#include "tools/settings/scenario.hpp"

namespace weir {

struct SampledRun {
  std::vector<ServiceSample> samples;
  double mean_ms = 0;  // response, after the warm-up
};

// The scenario with the policy `learned` on this estimator at every home. Samples are of tasks that
// were placed after the warm-up at a node that had told of their class, and ended where they were
// placed. A function of its arguments; several may run at the same time on threads of their own.
SampledRun sample_run(const SimulateOptions& scenario, const ServiceEstimator& estimator);

}  // namespace weir
