#include "runtime/session/placement_weights.hpp"

#include "ml/inference/learned_planner.hpp"
#include "ml/inference/shipped_weights.hpp"
#include "runtime/catalogue/policy_registry.hpp"

namespace weir {

PlacementWeights::PlacementWeights(std::string_view policy, const std::filesystem::path& path,
                                   const std::string& control) {
  try {
    if (!is_learned(policy)) return;
    const WeightFile weights =
        read_or_shipped_weights(path, ServiceEstimator::kKind, ServiceEstimator::kSchema);
    estimator_.emplace(weights, path);
    fingerprint_ = std::to_string(weir::fingerprint(weights));
    const std::optional<WeightFile> prices = price_weights_of(control);
    if (!prices) return;
    prices_ = price_network_of(*prices, control);
    fingerprint_ += " control " + std::to_string(weir::fingerprint(*prices));
  } catch (const Error& error) {
    refusal_ = error;
    fingerprint_ = error.found();
  }
}

const ServiceEstimator* PlacementWeights::estimator() const {
  if (refusal_) throw Error(*refusal_);
  return estimator_ ? &*estimator_ : nullptr;
}

const NodeSetNetwork* PlacementWeights::prices() const {
  if (refusal_) throw Error(*refusal_);
  return prices_ ? &*prices_ : nullptr;
}

}  // namespace weir
