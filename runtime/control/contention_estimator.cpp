#include "runtime/control/contention_estimator.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace weir {
namespace {

constexpr std::uint32_t kMostBins = 32;
// What is left of a task after so many others of its class: minutes of a busy node.
constexpr double kRememberedTasks = 16384;
// Gains of log-likelihood at which a limit is set, and below which it goes. Tasks of one block
// share what is wrong about their pace, so this has to be more than chance alone would need.
constexpr double kSure = 12;
constexpr double kStillSure = 8;
// Knees so much less likely than the best are still possible.
constexpr double kPossible = 5;
// What others have found counts as no more than such a gain.
constexpr double kMostBorrowed = 60;
// A variance of fewer is none.
constexpr double kLeastFreedom = 32;
// One more worker is worth it while it adds this much of a lone task's throughput.
constexpr double kWorthAWorker = 0.5;
// Of a limit. A block at less costs throughput where the class needs all that its limit lets it
// have.
constexpr double kPartTried = 0.75;
constexpr std::uint32_t kBlocksPerTryBelow = 16;
constexpr double kBeyondTried = 1.25;
constexpr std::uint32_t kBlocksPerTryBeyond = 8;

using Gains = std::array<double, kKneeCount>;

// Of log-likelihood, by knee, against no contention; slopes below zero are none.
Gains gains_of(const ContentionSums& sums) {
  Gains gains{};
  if (sums.freedom < kLeastFreedom) return gains;
  // Of equal services that tell all at once something is left, so that they are no certainty.
  const double variance = std::max(double{sums.residual} / sums.freedom, 0.01);
  for (std::size_t knee = 0; knee < kKneeCount; ++knee) {
    const double spread = sums.spread[knee];
    const double shared = sums.shared[knee];
    if (spread > 0 && shared > 0) gains[knee] = shared * shared / spread / (2 * variance);
  }
  return gains;
}

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
  ++since_last_block_;
}

void ContentionEstimator::close_block(double log_pace) {
  ++block_number_;
  forget();
  squares_ += std::exchange(block_squares_, 0);
  for (Bin& bin : bins_) {
    squares_ += log_pace * (bin.block_weight * log_pace - 2 * bin.block_sum);
    bin.weight += bin.block_weight;
    bin.sum += bin.block_sum - bin.block_weight * log_pace;
    bin.block_weight = 0;
    bin.block_sum = 0;
  }
  sum_up();
  fit();
}

void ContentionEstimator::borrow(const ContentionSums& others) {
  const Gains gains = gains_of(others);
  const double most = *std::ranges::max_element(gains);
  others_ = {};
  weir::add(others, static_cast<float>(most > kMostBorrowed ? kMostBorrowed / most : 1), others_);
  fit();
}

std::uint32_t ContentionEstimator::limit_to_try() const {
  if (limit_ == 0) return 0;
  if (block_number_ % kBlocksPerTryBeyond == 0) {
    return static_cast<std::uint32_t>(std::ceil(kBeyondTried * limit_));
  }
  if (block_number_ % kBlocksPerTryBelow != 1) return limit_;
  return std::max(1U, static_cast<std::uint32_t>(kPartTried * limit_));
}

void ContentionEstimator::forget() {
  const double kept = std::exp(-static_cast<double>(since_last_block_) / kRememberedTasks);
  since_last_block_ = 0;
  for (Bin& bin : bins_) {
    bin.weight *= kept;
    bin.sum *= kept;
  }
  squares_ *= kept;
}

double ContentionEstimator::log_knee(std::size_t knee) const {
  return std::log(std::max(1.0, (static_cast<double>(knee) + 1) / kKneesPerNode * cores_));
}

void ContentionEstimator::sum_up() {
  own_ = {};
  double weight = 0, sum = 0, explained = 0, freedom = 0;
  for (const Bin& bin : bins_) {
    weight += bin.weight;
    sum += bin.sum;
    if (bin.weight <= 0) continue;
    explained += bin.sum * bin.sum / bin.weight;
    freedom += std::max(0.0, bin.weight - 1);
  }
  if (weight <= 0) return;
  own_.freedom = static_cast<float>(freedom);
  own_.residual = static_cast<float>(squares_ - explained);
  const double mean = sum / weight;
  for (std::size_t knee = 0; knee < kKneeCount; ++knee) {
    const double from = log_knee(knee);
    double sum_g = 0, sum_gg = 0, sum_gy = 0;
    for (std::size_t i = 0; i < bins_.size(); ++i) {
      const double g = log_count_[i] - from;
      if (g <= 0) continue;
      sum_g += bins_[i].weight * g;
      sum_gg += bins_[i].weight * g * g;
      sum_gy += bins_[i].sum * g;
    }
    own_.spread[knee] = static_cast<float>(sum_gg - sum_g * sum_g / weight);
    own_.shared[knee] = static_cast<float>(sum_gy - sum_g * mean);
  }
}

void ContentionEstimator::fit() {
  ContentionSums all = own_;
  weir::add(others_, 1, all);
  const Gains gains = gains_of(all);
  const double best = *std::ranges::max_element(gains);
  if (best < (limit_ > 0 ? kStillSure : kSure)) {
    limit_ = 0;
    return;
  }
  double most = 0;
  for (std::size_t knee = 0; knee < kKneeCount; ++knee) {
    if (gains[knee] < best - kPossible || all.spread[knee] <= 0) continue;
    most = std::max(most, wanted(knee, double{all.shared[knee]} / all.spread[knee]));
  }
  // Whole numbers come back from their logarithms a little too small.
  constexpr double kRounding = 1e-9;
  limit_ = most < cores_ ? static_cast<std::uint32_t>(most + kRounding) : 0;
}

// For f = (n / h)^g the throughput h^g n^(1-g) grows by (1 - g) (h / n)^g for one more worker.
double ContentionEstimator::wanted(std::size_t knee, double power) const {
  const double workers = std::exp(log_knee(knee));
  const double first_beyond = 1 - power;
  if (first_beyond <= kWorthAWorker) return workers;
  return workers * std::pow(first_beyond / kWorthAWorker, 1 / std::max(power, 1e-3));
}

}  // namespace weir
