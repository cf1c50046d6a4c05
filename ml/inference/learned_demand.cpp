#include "ml/inference/learned_demand.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "ml/inference/lstm_forecaster.hpp"
#include "runtime/base/check.hpp"

namespace weir {

LearnedDemand::LearnedDemand(const LearnedDemandOptions& options)
    : LearnedDemand(std::make_unique<const ForecasterModel>(options.weights), options) {}

LearnedDemand::LearnedDemand(std::unique_ptr<const ForecasterModel> own,
                             const LearnedDemandOptions& options)
    : LearnedDemand(*own, options) {
  own_model_ = std::move(own);
}

LearnedDemand::LearnedDemand(const ForecasterModel& model, const LearnedDemandOptions& options)
    : quantile_(options.quantile) {
  WEIR_CHECK(quantile_ < kQuantileCount, "there is no such quantile");
  for (const std::string& kind : options.kinds) {
    const double day_s = kind == "social" ? options.day_s : LearnedDemandOptions{}.day_s;
    classes_.push_back(std::make_unique<LstmForecaster>(model, model.series_of(kind, day_s)));
  }
}

LearnedDemand::~LearnedDemand() = default;

void LearnedDemand::on_bin(std::span<const ArrivalBin> by_class) {
  const std::size_t count = std::min(by_class.size(), classes_.size());
  for (std::size_t i = 0; i < count; ++i) {
    // What tasks cost is not told: as every second looks alike in that, it is no news.
    classes_[i]->update({.count = by_class[i].count, .event_in_s = by_class[i].event_in_s});
  }
}

ArrivalForecast LearnedDemand::forecast(ClassId task_class, double ahead_s) const {
  if (task_class.value() >= classes_.size()) {
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    return {unknown, unknown};
  }
  const Forecast& all = classes_[task_class.value()]->forecast();
  const auto after = std::ranges::lower_bound(kHorizons, ahead_s);
  const auto last =
      std::min<std::size_t>(static_cast<std::size_t>(after - kHorizons.begin()), kHorizonCount - 1);
  const std::size_t first = last > 0 ? last - 1 : last;
  const double span = kHorizons[last] - kHorizons[first];
  const double part = span > 0 ? std::clamp((ahead_s - kHorizons[first]) / span, 0.0, 1.0) : 1;
  const auto between = [&](std::size_t quantile) {
    return all[first][quantile] + part * (all[last][quantile] - all[first][quantile]);
  };
  return {between(kMedian), between(quantile_)};
}

}  // namespace weir
