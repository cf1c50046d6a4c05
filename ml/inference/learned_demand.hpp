// The arrivals of every class, each foretold by a forecaster of its own.

#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ml/inference/forecast.hpp"
#include "runtime/environment/demand_forecaster.hpp"

namespace weir {

class ForecasterModel;
class LstmForecaster;

struct LearnedDemandOptions {
  std::filesystem::path weights;  // empty: those that come with weir
  // By class: the kind of stream, as ForecasterModel::series_of() takes it.
  std::vector<std::string> kinds;
  double day_s = 86'400;  // of social streams, whose time may run faster
  // Position in kQuantiles of what capacity is meant to bear. With the median all of the head room
  // is the planner's: at equal cost fewer deadlines are missed so than with q95 and less of it.
  std::size_t quantile = kMedian;
};

class LearnedDemand final : public DemandForecaster {
 public:
  // Throws Error for weights that cannot be used.
  explicit LearnedDemand(const LearnedDemandOptions& options);
  // By a model that several share, whatever `options` say of weights. It outlives the forecaster.
  LearnedDemand(const ForecasterModel& model, const LearnedDemandOptions& options);
  ~LearnedDemand() override;

  // Of a class beyond `kinds` nothing is foretold. Some 20 us for each class.
  void on_bin(std::span<const ArrivalBin> by_class) override;
  // Between two horizons of the forecaster a straight line; beyond the last what holds there.
  ArrivalForecast forecast(ClassId task_class, double ahead_s) const override;

 private:
  LearnedDemand(std::unique_ptr<const ForecasterModel> own, const LearnedDemandOptions& options);

  std::unique_ptr<const ForecasterModel> own_model_;  // null where it is shared
  std::size_t quantile_;
  std::vector<std::unique_ptr<LstmForecaster>> classes_;
};

}  // namespace weir
