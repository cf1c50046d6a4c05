// An estimator that is in use, fitted further to what has happened lately.

#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "ml/training/estimator/fit_service_estimator.hpp"

namespace weir {

// Few small steps: what training has taught is to be corrected, not replaced. What it has seen is
// both. Fewer samples than a batch change nothing. `goes_on` is asked after each epoch and may be
// empty; false ends the fit. Equal inputs give equal weights on one machine.
ServiceEstimator refitted(const ServiceEstimator& from, std::vector<ServiceSample> samples,
                          const std::function<bool()>& goes_on = {});

}  // namespace weir
