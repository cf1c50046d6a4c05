#include "ml/training/estimator/refit_service_estimator.hpp"

#include <utility>

namespace weir {
namespace {

constexpr ServiceFitOptions kFurther{.epochs = 4, .batch_size = 256, .learning_rate = 2e-3};

}  // namespace

ServiceEstimator refitted(const ServiceEstimator& from, std::vector<ServiceSample> samples,
                          const std::function<bool()>& goes_on) {
  ServiceEstimator estimator = from;
  if (samples.size() < kFurther.batch_size) return estimator;
  fit_service_estimator(estimator, std::move(samples), kFurther,
                        [&goes_on](const ServiceFitEpoch&) { return !goes_on || goes_on(); });
  SeenFeatures seen = estimator.seen();
  seen.add(from.seen());
  estimator.set_seen(seen);
  return estimator;
}

}  // namespace weir
