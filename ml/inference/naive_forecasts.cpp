#include "ml/inference/naive_forecasts.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// A trend that is followed for a minute only: half of it is left after 34 bins.
constexpr double kDamping = 0.98;

}  // namespace

void Ewma::update(double count) {
  mean_ = started_ ? mean_ + weight_ * (count - mean_) : count;
  started_ = true;
}

void SeasonalNaive::update(double count) {
  season_[updates_ % season_.size()] = count;
  ++updates_;
  last_ = count;
}

double SeasonalNaive::forecast(int horizon) const {
  if (updates_ < season_.size()) return last_;
  return season_[(updates_ - 1 + static_cast<std::size_t>(horizon)) % season_.size()];
}

HoltWinters::HoltWinters(HoltWintersOptions options)
    : options_(options), season_(static_cast<std::size_t>(options.period)) {
  WEIR_CHECK(options.period >= 1, "a season without bins");
}

// Counts of the first season wait in season_; `level_` is their mean so far.
void HoltWinters::start(double count) {
  season_[updates_] = count;
  level_ += (count - level_) / static_cast<double>(updates_ + 1);
  ++updates_;
  if (updates_ < season_.size()) return;
  for (double& phase : season_) phase -= level_;
}

void HoltWinters::update(double count) {
  if (updates_ < season_.size()) return start(count);
  double& phase = season_[updates_ % season_.size()];
  ++updates_;
  const double before = level_;
  const double expected = level_ + kDamping * trend_;
  level_ = expected + options_.level_weight * (count - phase - expected);
  trend_ = kDamping * trend_ + options_.trend_weight * (level_ - before - kDamping * trend_);
  if (season_.size() > 1) phase += options_.season_weight * (count - level_ - phase);
}

double HoltWinters::forecast(int horizon) const {
  if (updates_ < season_.size()) return level_;
  const double steps = kDamping * (1 - std::pow(kDamping, horizon)) / (1 - kDamping);
  const double season =
      season_[(updates_ - 1 + static_cast<std::size_t>(horizon)) % season_.size()];
  return level_ + steps * trend_ + season;
}

std::optional<std::size_t> NaiveForecasts::position_of(std::string_view name) {
  const auto place = std::ranges::find(kNames, name);
  if (place == kNames.end()) return std::nullopt;
  return static_cast<std::size_t>(place - kNames.begin());
}

void NaiveForecasts::update(double count) {
  last_.update(count);
  ewma_.update(count);
  seasonal_.update(count);
  winters_.update(count);
}

double NaiveForecasts::forecast(std::size_t position, int horizon) const {
  const std::array<const PointForecaster*, kNames.size()> all{&last_, &ewma_, &seasonal_,
                                                              &winters_};
  return all[position]->forecast(horizon);
}

}  // namespace weir
