// How good forecasts were. Pure functions; lower is better for all but coverage, which should be
// the level of its quantile.

#pragma once

#include <span>

namespace weir {

// What a forecast `quantile` of level `level` costs when `actual` comes (Koenker and Bassett 1978):
// least on average for the true quantile. Half of the absolute error at level 0.5.
double pinball_loss(double actual, double quantile, double level);

// Mean absolute one-step change: the error of the last value as a forecast, the scale of MASE
// (Hyndman and Koehler 2006). At least 1e-9, so that a constant series divides nothing by zero.
double naive_scale(std::span<const double> counts);

// Mean absolute scaled error: below 1 beats the last value's one-step error on the series that gave
// `scale`. Spans of equal length, not empty.
double mase(std::span<const double> actual, std::span<const double> forecast, double scale);

// The share of `actual` at or below its quantile. Spans of equal length, not empty.
double coverage(std::span<const double> actual, std::span<const double> quantile);

}  // namespace weir
