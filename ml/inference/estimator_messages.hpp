// Samples of service times and weights of estimators, as ranks tell them to each other
// (runtime/protocol/message.hpp), and back. What has come from another rank is looked at before
// it is used: nothing comes of what is not whole or not finite.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ml/inference/service_estimator.hpp"
#include "ml/inference/service_sample.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

std::vector<float> rows_of(std::span<const ServiceSample> samples);
std::optional<std::vector<ServiceSample>> samples_of(const ServiceSamples& message);

EstimatorWeights message_of(const ServiceEstimator& estimator, std::uint32_t version,
                            std::uint64_t sample_count);
std::optional<ServiceEstimator> estimator_of(const EstimatorWeights& message);

// Whether all its weights are finite, and so is what it has seen.
bool is_finite(const ServiceEstimator& estimator);

}  // namespace weir
