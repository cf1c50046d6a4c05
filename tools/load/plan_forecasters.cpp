#include "tools/load/plan_forecasters.hpp"

#include <utility>

#include "ml/inference/shipped_weights.hpp"

namespace weir {

PlanForecasters::PlanForecasters(LearnedDemandOptions options)
    : PlanForecasters(options,
                      read_or_shipped_weights(options.weights, std::string(kForecasterKind),
                                              kForecasterSchema)) {}

PlanForecasters::PlanForecasters(LearnedDemandOptions options, const WeightFile& weights)
    : options_(std::move(options)),
      model_(weights, options_.weights),
      fingerprint_(std::to_string(weir::fingerprint(weights))) {}

std::unique_ptr<DemandForecaster> PlanForecasters::make() const {
  return std::make_unique<LearnedDemand>(model_, options_);
}

std::optional<PlanForecasters> plan_forecasters_of(PlanDemand demand,
                                                   const LearnedDemandOptions& options) {
  if (demand != PlanDemand::kForecast) return std::nullopt;
  return PlanForecasters(options);
}

}  // namespace weir
