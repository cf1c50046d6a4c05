#include "ml/inference/linear_forecasts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ml/inference/ridge_regression.hpp"
#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr std::size_t kWindow = kLookBack;
constexpr std::array<double, 5> kPenalties{1e-4, 1e-3, 1e-2, 1e-1, 1};
// Of the moving average, as in the paper: to the left and to the right of its middle.
constexpr int kTrendReach = 12;

std::size_t input_count(LinearForm form) {
  return form == LinearForm::kNLinear ? kWindow : 2 * kWindow;
}

// What is taken away from all counts before, and added to the result. DLinear needs it, too: it has
// no other constant. There the mean of the window is as good as any.
double offset_of(LinearForm form, std::span<const double> window) {
  if (form == LinearForm::kNLinear) return window.back();
  return std::accumulate(window.begin(), window.end(), 0.0) / static_cast<double>(window.size());
}

// The ends of the window are repeated, so that the average exists everywhere.
void split_off_trend(std::span<const double> window, double offset, std::span<double> inputs) {
  const auto at = [&](int i) {
    return window[static_cast<std::size_t>(std::clamp(i, 0, kLookBack - 1))];
  };
  double sum = 0;
  for (int i = -kTrendReach; i < kTrendReach; ++i) sum += at(i);
  for (int i = 0; i < kLookBack; ++i) {
    sum += at(i + kTrendReach);
    const double trend = sum / (2 * kTrendReach + 1);
    const auto place = static_cast<std::size_t>(i);
    inputs[place] = trend - offset;
    inputs[kWindow + place] = window[place] - trend;
    sum -= at(i - kTrendReach);
  }
}

void fill_inputs(LinearForm form, std::span<const double> window, double offset,
                 std::span<double> inputs) {
  if (form == LinearForm::kDLinear) return split_off_trend(window, offset, inputs);
  for (std::size_t i = 0; i < kWindow; ++i) inputs[i] = window[i] - offset;
}

double product(std::span<const double> inputs, const double* weights) {
  return std::inner_product(inputs.begin(), inputs.end(), weights, 0.0);
}

// Calls `use` with the inputs and the outputs of each window whose horizons end before `end`.
template <typename Use>
void for_each_sample(LinearForm form, std::span<const double> counts, std::size_t begin,
                     std::size_t end, const Use& use) {
  std::vector<double> inputs(input_count(form));
  std::array<double, kHorizonCount> outputs{};
  for (std::size_t now = begin + kWindow; now + kHorizons.back() <= end; ++now) {
    const auto window = counts.subspan(now - kWindow, kWindow);
    const double offset = offset_of(form, window);
    fill_inputs(form, window, offset, inputs);
    for (std::size_t h = 0; h < kHorizonCount; ++h) {
      outputs[h] = counts[now + static_cast<std::size_t>(kHorizons[h]) - 1] - offset;
    }
    use(inputs, outputs);
  }
}

RidgeRegression sums_of(LinearForm form, std::span<const double> counts, std::size_t end) {
  RidgeRegression sums(input_count(form), kHorizonCount);
  for_each_sample(form, counts, 0, end,
                  [&](const auto& inputs, const auto& outputs) { sums.add(inputs, outputs); });
  return sums;
}

double best_penalty(LinearForm form, std::span<const double> counts) {
  const std::size_t fit_end = counts.size() - counts.size() / 5;
  const RidgeRegression sums = sums_of(form, counts, fit_end);
  double best = kPenalties.front();
  double least_error = std::numeric_limits<double>::infinity();
  for (const double penalty : kPenalties) {
    const std::vector<double> weights = sums.coefficients(penalty);
    double error = 0;
    for_each_sample(form, counts, fit_end - kWindow, counts.size(),
                    [&](const auto& inputs, const auto& outputs) {
                      for (std::size_t h = 0; h < kHorizonCount; ++h) {
                        const double* row = weights.data() + h * inputs.size();
                        error += std::abs(outputs[h] - product(inputs, row));
                      }
                    });
    if (error < least_error) {
      least_error = error;
      best = penalty;
    }
  }
  return best;
}

}  // namespace

LinearForecast::LinearForecast(LinearForm form, std::span<const double> training) : form_(form) {
  WEIR_CHECK(training.size() >= kLeastTraining, "too few counts for a linear forecast");
  const double penalty = best_penalty(form, training);
  coefficients_ = sums_of(form, training, training.size()).coefficients(penalty);
}

void LinearForecast::update(double count) {
  if (recent_.empty()) recent_.assign(kWindow, count);
  std::shift_left(recent_.begin(), recent_.end(), 1);
  recent_.back() = count;
  const double offset = offset_of(form_, recent_);
  std::vector<double> inputs(input_count(form_));
  fill_inputs(form_, recent_, offset, inputs);
  for (std::size_t h = 0; h < kHorizonCount; ++h) {
    next_[h] = offset + product(inputs, coefficients_.data() + h * inputs.size());
  }
}

double LinearForecast::forecast(int horizon) const {
  const auto place = std::ranges::find(kHorizons, horizon);
  WEIR_CHECK(place != kHorizons.end(), "a horizon that was not fitted");
  return next_[static_cast<std::size_t>(place - kHorizons.begin())];
}

}  // namespace weir
