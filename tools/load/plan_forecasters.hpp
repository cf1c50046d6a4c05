// The forecasters by which coordinators of one process plan: each has its own, by weights that all
// share.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ml/inference/learned_demand.hpp"
#include "ml/inference/lstm_forecaster.hpp"
#include "ml/inference/weight_file.hpp"
#include "tools/settings/plan_demand_settings.hpp"

namespace weir {

class PlanForecasters {
 public:
  // Reads the weights. Throws Error for those that cannot be used.
  explicit PlanForecasters(LearnedDemandOptions options);

  // Equal where the same weights were read.
  const std::string& fingerprint() const { return fingerprint_; }
  // It outlives what it makes.
  std::unique_ptr<DemandForecaster> make() const;

 private:
  PlanForecasters(LearnedDemandOptions options, const WeightFile& weights);

  LearnedDemandOptions options_;
  ForecasterModel model_;
  std::string fingerprint_;
};

// Nothing where coordinators do not plan by them. Throws Error likewise.
std::optional<PlanForecasters> plan_forecasters_of(PlanDemand demand,
                                                   const LearnedDemandOptions& options);

}  // namespace weir
