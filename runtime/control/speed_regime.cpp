#include "runtime/control/speed_regime.hpp"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

// Assumed until a slow time has been measured, and then worth as many tasks. A test for one half is
// good for anything from two thirds down.
constexpr double kFirstSlowLevel = 2;
constexpr double kFirstSlowTasks = 64;
// Below the first a state is not worth telling from the other.
constexpr double kLeastSlowLevel = 1.3;
constexpr double kMostSlowLevel = 10;
// What is remembered of slow times: some seconds of a node.
constexpr double kRememberedTasks = 4096;
constexpr double kSurelySlow = 0.9;  // a probability

// How often a node changes its state is not known. These fit neighbours that come for seconds, and
// evidence of a fraction of a second outweighs them where they do not fit.
constexpr double kSlowAfterS = 60;
constexpr double kNormalAfterS = 10;
constexpr double kStationary = kNormalAfterS / (kNormalAfterS + kSlowAfterS);
// Nats at which a mean is taken to be too long.
constexpr double kSureOfMean = 16;
constexpr double kMostLogOdds = 12;
// Above it sizes are no longer hyperexponential but heavy-tailed, and the model would see slowness
// in their usual tasks.
constexpr double kMostVariation = 3;

double log_odds_of(double probability) { return std::log(probability / (1 - probability)); }

// Above this many means both exponentials are zero to a computer.
constexpr double kLongestSize = 200;

}  // namespace

SizeModel::SizeModel(double variation) {
  const double c2 = std::clamp(variation, 1.0, kMostVariation);
  const double share = (1 + std::sqrt((c2 - 1) / (c2 + 1))) / 2;
  share_ = {share, 1 - share};
  rate_ = {2 * share, 2 * (1 - share)};
}

double SizeModel::density(double size) const {
  return share_[0] * rate_[0] * std::exp(-rate_[0] * size) +
         share_[1] * rate_[1] * std::exp(-rate_[1] * size);
}

double SizeModel::survival(double size) const {
  return share_[0] * std::exp(-rate_[0] * size) + share_[1] * std::exp(-rate_[1] * size);
}

double SizeModel::evidence_of_end(double size, double slower) const {
  const double seen = std::min(size, kLongestSize);
  return std::log(density(seen / slower) / slower / density(seen));
}

double SizeModel::evidence_of_age(double size, double slower) const {
  const double seen = std::min(size, kLongestSize);
  return std::log(survival(seen / slower) / survival(seen));
}

SpeedRegime::SpeedRegime() : log_odds_(log_odds_of(kStationary)), slow_level_(kFirstSlowLevel) {}

double SpeedRegime::probability() const { return 1 / (1 + std::exp(-log_odds_)); }

void SpeedRegime::begin_look(Duration since_last) {
  const double kept = std::exp(-to_seconds(since_last) * (1 / kNormalAfterS + 1 / kSlowAfterS));
  log_odds_ = log_odds_of(kStationary + kept * (probability() - kStationary));
  evidence_of_ages_ = 0;
}

void SpeedRegime::on_running(double size, const SizeModel& sizes) {
  evidence_of_ages_ += sizes.evidence_of_age(size, slow_level_);
}

// Only what is new: of a task that has ended since, on_ended() gave all of its evidence.
void SpeedRegime::end_look() {
  log_odds_ += evidence_of_ages_ - last_evidence_of_ages_;
  log_odds_ = std::clamp(log_odds_, -kMostLogOdds, kMostLogOdds);
  last_evidence_of_ages_ = evidence_of_ages_;
}

double SpeedRegime::on_ended(std::size_t task_class, double size, const SizeModel& sizes) {
  // Not clamped here: end_look() takes away again what it counted of the task's age before.
  log_odds_ += sizes.evidence_of_end(size, slow_level_);
  const double slow = probability();
  Faster& faster = faster_[task_class];
  if (slow > 0.5) {
    faster = {};
    if (slow > kSurelySlow) measure_slow_level(size);
    return 1;
  }
  faster.evidence += sizes.evidence_of_end(size, 1 / kFirstSlowLevel);
  faster.ended += 1;
  faster.sizes += size;
  if (faster.evidence <= 0) faster = {};
  if (faster.evidence < kSureOfMean) return 1;
  const double factor = std::max(faster.sizes / faster.ended, 1 / kFirstSlowLevel);
  faster = {};
  return factor;
}

void SpeedRegime::measure_slow_level(double size) {
  slow_ended_ += 1 - slow_ended_ / kRememberedTasks;
  slow_sizes_ += size - slow_sizes_ / kRememberedTasks;
  slow_level_ = std::clamp(
      (slow_sizes_ + kFirstSlowTasks * kFirstSlowLevel) / (slow_ended_ + kFirstSlowTasks),
      kLeastSlowLevel, kMostSlowLevel);
}

}  // namespace weir
