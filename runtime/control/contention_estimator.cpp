#include "runtime/control/contention_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir {
namespace {

constexpr std::uint32_t kMostBins = 32;
constexpr std::uint32_t kTasksPerFit = 256;
// What is left of a task after so many others of its class: minutes of a busy node.
constexpr double kRememberedTasks = 16384;
// Gains of log-likelihood at which a limit is set, and below which it goes. Tasks of one block
// share what is wrong about their pace, so this has to be more than chance alone would need.
constexpr double kSure = 12;
constexpr double kStillSure = 8;
// Knees so much less likely than the best are still possible.
constexpr double kPossible = 5;
// One more worker is worth it while it adds this much of a lone task's throughput.
constexpr double kWorthAWorker = 0.5;
// Of a limit, in every other block.
constexpr double kPartTried = 0.75;

}  // namespace

ContentionEstimator::ContentionEstimator(std::uint32_t cores)
    : cores_(cores), bin_width_((cores + kMostBins - 1) / kMostBins) {
  bins_.resize((cores + bin_width_ - 1) / bin_width_);
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    log_count_.push_back(std::log(static_cast<double>(i) * bin_width_ + (1.0 + bin_width_) / 2));
  }
}

void ContentionEstimator::add(std::uint32_t running_alike, double log_service) {
  const std::size_t place = (std::max(running_alike, 1U) - 1) / bin_width_;
  Bin& bin = bins_[std::min(place, bins_.size() - 1)];
  bin.block_weight += 1;
  bin.block_sum += log_service;
  block_squares_ += log_service * log_service;
  ++since_fit_;
}

void ContentionEstimator::close_block(double log_pace) {
  tries_less_ = !tries_less_;
  squares_ += std::exchange(block_squares_, 0);
  for (Bin& bin : bins_) {
    squares_ += log_pace * (bin.block_weight * log_pace - 2 * bin.block_sum);
    bin.weight += bin.block_weight;
    bin.sum += bin.block_sum - bin.block_weight * log_pace;
    bin.block_weight = 0;
    bin.block_sum = 0;
  }
  if (since_fit_ < kTasksPerFit) return;
  fit();
  forget();
  since_fit_ = 0;
}

std::uint32_t ContentionEstimator::limit_to_try() const {
  if (limit_ == 0 || !tries_less_) return limit_;
  return std::max(1U, static_cast<std::uint32_t>(kPartTried * limit_));
}

void ContentionEstimator::forget() {
  const double kept = std::exp(-static_cast<double>(since_fit_) / kRememberedTasks);
  for (Bin& bin : bins_) {
    bin.weight *= kept;
    bin.sum *= kept;
  }
  squares_ *= kept;
}

void ContentionEstimator::fit() {
  double weight = 0, sum = 0, explained = 0;
  for (const Bin& bin : bins_) {
    weight += bin.weight;
    sum += bin.sum;
    if (bin.weight > 0) explained += bin.sum * bin.sum / bin.weight;
  }
  // Of equal services that tell all at once something is left, so that they are no certainty.
  const double variance = std::max((squares_ - explained) / weight, 0.01);
  std::vector<Hinge> hinges;
  Hinge best;
  for (std::size_t knee = 0; knee + 1 < bins_.size(); ++knee) {
    hinges.push_back(hinge_at(knee, sum / weight, variance));
    if (hinges.back().gain > best.gain) best = hinges.back();
  }
  if (best.gain < (limit_ > 0 ? kStillSure : kSure)) {
    limit_ = 0;
    return;
  }
  double most = 0;
  for (const Hinge& hinge : hinges) {
    if (hinge.gain >= best.gain - kPossible) most = std::max(most, wanted(hinge));
  }
  // Whole numbers come back from their logarithms a little too small.
  constexpr double kRounding = 1e-9;
  limit_ = most < cores_ ? static_cast<std::uint32_t>(most + kRounding) : 0;
}

// The line through the averages over g = (log n - log h)^+; slopes below zero are no contention.
ContentionEstimator::Hinge ContentionEstimator::hinge_at(std::size_t knee, double mean,
                                                         double variance) const {
  double weight = 0, sum_g = 0, sum_gg = 0, sum_gy = 0;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    weight += bins_[i].weight;
    if (i <= knee) continue;
    const double g = log_count_[i] - log_count_[knee];
    sum_g += bins_[i].weight * g;
    sum_gg += bins_[i].weight * g * g;
    sum_gy += bins_[i].sum * g;
  }
  const double spread = sum_gg - sum_g * sum_g / weight;
  const double shared = sum_gy - sum_g * mean;
  if (spread <= 0 || shared <= 0) return {.knee = knee};
  return {
      .knee = knee, .power = shared / spread, .gain = shared * shared / spread / (2 * variance)};
}

// For f = (n / h)^g the throughput h^g n^(1-g) grows by (1 - g) (h / n)^g for one more worker.
double ContentionEstimator::wanted(const Hinge& hinge) const {
  const double knee = std::exp(log_count_[hinge.knee]);
  const double first_beyond = 1 - hinge.power;
  if (first_beyond <= kWorthAWorker) return std::max(1.0, knee);
  return knee * std::pow(first_beyond / kWorthAWorker, 1 / hinge.power);
}

}  // namespace weir
