#include "ml/inference/lstm_forecaster.hpp"

#include <algorithm>
#include <span>
#include <string>

#include "ml/inference/shipped_weights.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

std::size_t base_in(const WeightFile& weights, std::size_t kind,
                    const std::filesystem::path& path) {
  const std::string attribute = ForecasterModel::base_attribute(kind);
  const auto found = weights.provenance.find(attribute);
  const auto* name =
      found == weights.provenance.end() ? nullptr : std::get_if<std::string>(&found->second);
  const auto position = NaiveForecasts::position_of(name == nullptr ? "" : *name);
  if (position) return *position;
  throw Error("the weights cannot be used",
              path.string() + ": " + attribute + " is '" + (name == nullptr ? "" : *name) + "'",
              "the name of a naive forecast, such as ewma",
              "a file that `weir train forecaster` of this version has written");
}

}  // namespace

std::string ForecasterModel::base_attribute(std::size_t kind) {
  return "base." + std::string(kStreamKinds[kind]);
}

ForecasterModel::ForecasterModel(const WeightFile& weights, const std::filesystem::path& path)
    : network_(kForecastInputCount, kForecastOutputCount, weights, path) {
  for (std::size_t kind = 0; kind < bases_.size(); ++kind) {
    bases_[kind] = base_in(weights, kind, path);
  }
}

ForecasterModel::ForecasterModel(const std::filesystem::path& path)
    : ForecasterModel(
          read_or_shipped_weights(path, std::string(kForecasterKind), kForecasterSchema), path) {}

ForecastSeries ForecasterModel::series_of(std::string_view kernel, double day_s) const {
  constexpr std::size_t kSocial = 1;
  const auto place = std::ranges::find(kStreamKinds, kernel);
  const std::size_t kind = place == kStreamKinds.end()
                               ? kSocial
                               : static_cast<std::size_t>(place - kStreamKinds.begin());
  return {.kind = kind, .base = bases_[kind], .day_s = day_s};
}

LstmForecaster::LstmForecaster(const ForecasterModel& model, const ForecastSeries& series)
    : model_(model), features_(series), state_(model.network().zero_state()) {}

void LstmForecaster::update(const StreamBin& bin) {
  calibration_.update(bin.count);
  features_.update(bin);
  std::array<float, kForecastOutputCount> outputs{};
  model_.network().step(features_.inputs(), state_, outputs);
  for (std::size_t h = 0; h < kHorizonCount; ++h) {
    const auto quantiles =
        quantiles_of(std::span(outputs).subspan(h * kQuantileCount).first<kQuantileCount>());
    for (std::size_t q = 0; q < kQuantileCount; ++q) {
      raw_[h][q] = std::max(0.0, features_.base(h) + features_.unit() * quantiles[q]);
    }
  }
  calibrated_ = calibration_.adjust(raw_);
}

}  // namespace weir
