#include "ml/inference/service_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ml/inference/shipped_weights.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr const char* kNetwork = "network";
constexpr const char* kLeastTensor = "features.least";
constexpr const char* kMostTensor = "features.most";
const std::vector<std::size_t> kSizes{kServiceFeatures, ServiceEstimator::kHidden, 1};
constexpr double kMuchSlower = 0.3;

// Of the range that was seen; and of what is always the same, so much.
constexpr float kBeyond = 0.03F;
constexpr float kNarrowest = 0.1F;

ServiceFeatures features_of(const WeightFile& weights, const char* name,
                            const std::filesystem::path& path) {
  ServiceFeatures features;
  std::ranges::copy(tensor_of(weights, name, {kServiceFeatures}, path).values, features.begin());
  return features;
}

Tensor tensor_of_features(const ServiceFeatures& features) {
  return {.shape = {kServiceFeatures}, .values = {features.begin(), features.end()}};
}

// How far above the most that was seen a feature may be. Reports count by t / (t + 0.1 s), which
// ends at 1: half of the way there is twice the age and 0.1 s.
float beyond_most(std::size_t feature, float usual, float most) {
  const bool is_report_age = feature == static_cast<std::size_t>(ServiceFeature::kReportAge);
  return is_report_age ? std::min(usual, (1 - most) / 2) : usual;
}

float clamped(double value, double least, double most) {
  return static_cast<float>(std::clamp(value, least, most));
}

}  // namespace

ServiceFeatures service_features(const NodeView& node, ClassId task_class, double homes,
                                 double kind_s, const OwnCompletions& own, Instant now) {
  const std::size_t i = task_class.value();
  const double unlike = std::clamp(std::log(node.mean_service_s[i] / kind_s), -1.0, 1.0);
  const OwnCompletions::Memory late = own.of_late(now);
  const OwnCompletions::Memory a_while = own.of_a_while(now);
  const double age_s = own.age_s(now);
  const double report_age_s = to_seconds(node.report_age);
  const NodeView::OfClass& of_class = node.classes[i];
  ServiceFeatures all{};
  const auto set = [&all](ServiceFeature which, double value, double least, double most) {
    all[static_cast<std::size_t>(which)] = clamped(value, least, most);
  };
  using enum ServiceFeature;
  set(kUnlikeItsKind, unlike, -1, 1);
  set(kMuchSlowerThanItsKind, unlike - kMuchSlower, 0, 1);
  set(kOwnShortMean, late.mean - 1, -1, 3);
  set(kOwnLongMean, a_while.mean - 1, -1, 3);
  set(kOwnShortCount, late.count / (late.count + 3), 0, 1);
  set(kOwnLongCount, a_while.count / (a_while.count + 10), 0, 1);
  set(kOwnAge, age_s / (age_s + 1), 0, 1);
  set(kReportedFill, (static_cast<double>(node.running) + node.queued) / node.cores, 0, 2);
  set(kOwnFill, homes * node.own_in_flight / node.cores, 0, 2);
  set(kShareOfLimit,
      of_class.limit > 0 ? static_cast<double>(of_class.running) / of_class.limit : 0, 0, 2);
  set(kSize, std::log(node.cores / 32), -2, 2);
  set(kReportAge, report_age_s / (report_age_s + 0.1), 0, 1);
  return all;
}

SeenFeatures::SeenFeatures() {
  least.fill(std::numeric_limits<float>::lowest());
  most.fill(std::numeric_limits<float>::max());
}

void SeenFeatures::add(const ServiceFeatures& sample) {
  for (std::size_t i = 0; i < kServiceFeatures; ++i) {
    least[i] = std::min(least[i], sample[i]);
    most[i] = std::max(most[i], sample[i]);
  }
}

void SeenFeatures::add(const SeenFeatures& others) {
  for (std::size_t i = 0; i < kServiceFeatures; ++i) {
    least[i] = std::min(least[i], others.least[i]);
    most[i] = std::max(most[i], others.most[i]);
  }
}

ServiceEstimator::ServiceEstimator() : network_(kSizes) {}

ServiceEstimator::ServiceEstimator(const WeightFile& weights, const std::filesystem::path& path)
    : network_(kSizes, weights, kNetwork, path) {
  seen_.least = features_of(weights, kLeastTensor, path);
  seen_.most = features_of(weights, kMostTensor, path);
}

WeightFile ServiceEstimator::weights() const {
  WeightFile weights{.kind = kKind, .schema = kSchema};
  network_.store(weights, kNetwork);
  weights.tensors[kLeastTensor] = tensor_of_features(seen_.least);
  weights.tensors[kMostTensor] = tensor_of_features(seen_.most);
  return weights;
}

// Weights into the hidden layer as K. He et al., ICCV 2015; none out of it.
ServiceEstimator ServiceEstimator::untrained(std::uint64_t seed) {
  ServiceEstimator estimator;
  Random random(seed);
  const double deviation = std::sqrt(2.0 / kServiceFeatures);
  const auto hidden = estimator.network_.parameters().first(kServiceFeatures * kHidden);
  for (float& weight : hidden) weight = static_cast<float>(deviation * random.normal());
  return estimator;
}

bool ServiceEstimator::knows_the_like_of(const ServiceFeatures& node) const {
  for (std::size_t i = 0; i < kServiceFeatures; ++i) {
    const float beyond = kBeyond * std::max(kNarrowest, seen_.most[i] - seen_.least[i]);
    const float most = seen_.most[i] + beyond_most(i, beyond, seen_.most[i]);
    if (node[i] < seen_.least[i] - beyond || node[i] > most) return false;
  }
  return true;
}

void ServiceEstimator::evaluate(std::span<const ServiceFeatures> nodes,
                                std::span<float> corrections) {
  if (nodes.empty()) return;
  network_.evaluate({nodes.front().data(), nodes.size() * kServiceFeatures}, nodes.size(),
                    corrections);
  // std::clamp would make a bound of what is no number.
  for (float& each : corrections) {
    if (each > kMostCorrection) each = kMostCorrection;
    if (each < -kMostCorrection) each = -kMostCorrection;
  }
}

ServiceEstimator service_estimator_of(const std::filesystem::path& path) {
  return {read_or_shipped_weights(path, ServiceEstimator::kKind, ServiceEstimator::kSchema), path};
}

}  // namespace weir
