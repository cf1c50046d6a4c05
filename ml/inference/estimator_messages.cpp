#include "ml/inference/estimator_messages.hpp"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

constexpr std::size_t kRow = kServiceFeatures + 1;  // the ratio is last

bool all_finite(std::span<const float> numbers) {
  return std::ranges::all_of(numbers, [](float number) { return std::isfinite(number); });
}

}  // namespace

std::vector<float> rows_of(std::span<const ServiceSample> samples) {
  std::vector<float> rows;
  rows.reserve(samples.size() * kRow);
  for (const ServiceSample& sample : samples) {
    rows.insert(rows.end(), sample.features.begin(), sample.features.end());
    rows.push_back(sample.ratio);
  }
  return rows;
}

std::optional<std::vector<ServiceSample>> samples_of(const ServiceSamples& message) {
  if (message.rows.size() % kRow != 0 || !all_finite(message.rows)) return std::nullopt;
  std::vector<ServiceSample> samples(message.rows.size() / kRow);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto row = std::span(message.rows).subspan(i * kRow, kRow);
    std::copy_n(row.begin(), kServiceFeatures, samples[i].features.begin());
    samples[i].ratio = row.back();
    if (samples[i].ratio <= 0) return std::nullopt;
  }
  return samples;
}

EstimatorWeights message_of(const ServiceEstimator& estimator, std::uint32_t version,
                            std::uint64_t sample_count) {
  const auto parameters = estimator.network().parameters();
  const SeenFeatures& seen = estimator.seen();
  return {.version = version,
          .sample_count = sample_count,
          .parameters = {parameters.begin(), parameters.end()},
          .least = {seen.least.begin(), seen.least.end()},
          .most = {seen.most.begin(), seen.most.end()}};
}

std::optional<ServiceEstimator> estimator_of(const EstimatorWeights& message) {
  ServiceEstimator estimator;
  const auto parameters = estimator.network().parameters();
  if (message.parameters.size() != parameters.size() || message.least.size() != kServiceFeatures ||
      message.most.size() != kServiceFeatures) {
    return std::nullopt;
  }
  SeenFeatures seen;
  std::ranges::copy(message.parameters, parameters.begin());
  std::ranges::copy(message.least, seen.least.begin());
  std::ranges::copy(message.most, seen.most.begin());
  estimator.set_seen(seen);
  if (!is_finite(estimator)) return std::nullopt;
  return estimator;
}

bool is_finite(const ServiceEstimator& estimator) {
  return all_finite(estimator.network().parameters()) && all_finite(estimator.seen().least) &&
         all_finite(estimator.seen().most);
}

}  // namespace weir
