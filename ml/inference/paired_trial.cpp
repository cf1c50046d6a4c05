#include "ml/inference/paired_trial.hpp"

#include <cmath>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// The sequence is narrowest after about so many blocks.
constexpr double kUsualBlocks = 24;
// Estimated from few blocks, a deviation is as often too small as too large, and too small ones
// make errors: as if so many blocks were missing.
constexpr double kMissing = 6;

}  // namespace

PairedTrial::PairedTrial(double error) : error_(error) {
  WEIR_CHECK(error > 0 && error < 0.5, "no such chance of an error");
}

void PairedTrial::add(double in_use, double challenger, Instant now) {
  if (!std::isfinite(challenger)) is_broken_ = true;
  if (is_broken_ || !std::isfinite(in_use)) return;
  if (now >= block_ends_ && block_tasks_ >= kFewestInBlock) end_block();
  if (block_tasks_ == 0) block_ends_ = now + kBlock;
  block_sum_ += in_use - challenger;
  ++block_tasks_;
  ++tasks_;
  const auto count = static_cast<double>(tasks_);
  in_use_ += (in_use - in_use_) / count;
  challenger_ += (challenger - challenger_) / count;
}

void PairedTrial::end_block() {
  const double won = block_sum_ / block_tasks_;
  ++blocks_;
  const double step = won - mean_;
  mean_ += step / blocks_;
  squares_ += step * (won - mean_);
  block_sum_ = 0;
  block_tasks_ = 0;
}

double PairedTrial::bound() const {
  const double n = blocks_;
  const double deviation = std::sqrt(squares_ / (n - kMissing));
  const double surprise = -2 * std::log(error_);
  const double scale = (surprise + std::log(surprise + 1)) / kUsualBlocks;
  const double spread = n * scale + 1;
  return deviation *
         std::sqrt(2 * spread / (n * n * scale) * std::log1p(std::sqrt(spread) / (2 * error_)));
}

}  // namespace weir
