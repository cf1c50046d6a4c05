#include "runtime/session/placement_weights.hpp"

#include "ml/inference/learned_planner.hpp"
#include "ml/inference/shipped_weights.hpp"
#include "runtime/catalogue/policy_registry.hpp"

namespace weir {

PlacementWeights::PlacementWeights(std::string_view policy, const std::filesystem::path& path,
                                   const std::string& control, const std::string& limits) {
  try {
    read_policy(policy, path, control);
    read_limits(limits);
  } catch (const Error& error) {
    refusal_ = error;
    fingerprint_ = error.found();
  }
}

void PlacementWeights::read_policy(std::string_view policy, const std::filesystem::path& path,
                                   const std::string& control) {
  if (!is_learned(policy)) return;
  const WeightFile weights =
      read_or_shipped_weights(path, ServiceEstimator::kKind, ServiceEstimator::kSchema);
  estimator_.emplace(weights, path);
  fingerprint_ = std::to_string(weir::fingerprint(weights));
  const std::optional<WeightFile> prices = price_weights_of(control);
  if (!prices) return;
  prices_ = price_network_of(*prices, control);
  fingerprint_ += " control " + std::to_string(weir::fingerprint(*prices));
}

void PlacementWeights::read_limits(const std::string& limits) {
  const std::optional<WeightFile> weights = limit_weights_of(limits);
  if (!weights) return;
  limits_.emplace(*weights, limits);
  fingerprint_ += " limits " + std::to_string(weir::fingerprint(*weights));
}

const ServiceEstimator* PlacementWeights::estimator() const {
  if (refusal_) throw Error(*refusal_);
  return estimator_ ? &*estimator_ : nullptr;
}

const NodeSetNetwork* PlacementWeights::prices() const {
  if (refusal_) throw Error(*refusal_);
  return prices_ ? &*prices_ : nullptr;
}

std::optional<LearnedLimits> PlacementWeights::limits() const {
  if (refusal_) throw Error(*refusal_);
  return limits_;
}

}  // namespace weir
