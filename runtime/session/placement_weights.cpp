#include "runtime/session/placement_weights.hpp"

#include "ml/inference/shipped_weights.hpp"
#include "runtime/catalogue/policy_registry.hpp"

namespace weir {

PlacementWeights::PlacementWeights(std::string_view policy, const std::filesystem::path& path) {
  try {
    if (!is_learned(policy)) return;
    const WeightFile weights =
        read_or_shipped_weights(path, ServiceEstimator::kKind, ServiceEstimator::kSchema);
    estimator_.emplace(weights, path);
    fingerprint_ = std::to_string(weir::fingerprint(weights));
  } catch (const Error& error) {
    refusal_ = error;
    fingerprint_ = error.found();
  }
}

const ServiceEstimator* PlacementWeights::estimator() const {
  if (refusal_) throw Error(*refusal_);
  return estimator_ ? &*estimator_ : nullptr;
}

}  // namespace weir
