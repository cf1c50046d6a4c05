#include "runtime/exec/service_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Parts of what one seed governs.
constexpr std::uint64_t kSizePart = 0x73697a65;
constexpr std::uint64_t kDriftPart = 0x64726966;

// Three years: longer than any run lasts, and far from the end of time.
constexpr double kLongestServiceS = 1e8;

// Two exponentials; with balanced means, each contributes half of the mean.
double hyperexponential(Random& random, double c2) {
  const double p = (1 + std::sqrt((c2 - 1) / (c2 + 1))) / 2;
  const double share = random.uniform() < p ? p : 1 - p;
  return random.exponential(1 / (2 * share));
}

// Pareto cut off at `ratio` times its smallest value; by inversion, then divided by its mean.
double bounded_pareto(Random& random, double alpha, double ratio) {
  const double tail = std::pow(ratio, -alpha);
  const double mean = alpha == 1
                          ? std::log(ratio) / (1 - tail)
                          : alpha / (alpha - 1) * (1 - std::pow(ratio, 1 - alpha)) / (1 - tail);
  return std::pow(1 - random.uniform() * (1 - tail), -1 / alpha) / mean;
}

}  // namespace

double task_size(const EmulationSpec::Size& size, std::uint64_t seed, TaskId id) {
  if (size.distribution == SizeDistribution::kDeterministic) return 1;
  Random random(mix_bits(seed) ^ kSizePart, id.value());
  switch (size.distribution) {
    case SizeDistribution::kDeterministic:
      break;
    case SizeDistribution::kExponential:
      return random.exponential(1);
    case SizeDistribution::kHyperexponential:
      return hyperexponential(random, size.c2);
    case SizeDistribution::kBoundedPareto:
      return bounded_pareto(random, size.alpha, size.ratio);
  }
  return 1;
}

ServiceModel::ServiceModel(const EmulationSpec& spec, int node, std::uint64_t seed)
    : spec_(spec),
      type_(spec.type_of(node)),
      cores_(spec.types[type_].cores),
      speed_(spec.types[type_].speed),
      seed_(seed),
      drift_random_(mix_bits(seed) ^ kDriftPart, static_cast<std::uint64_t>(node)) {
  const auto& drift = spec_.drift;
  if (drift.speed >= 1) {
    state_ends_s_ = std::numeric_limits<double>::infinity();
    return;
  }
  // In equilibrium; what remains of an exponential sojourn is as long as a whole one.
  slow_ = drift_random_.uniform() < drift.mean_slow_s / (drift.mean_good_s + drift.mean_slow_s);
  draw_sojourn();
}

void ServiceModel::draw_sojourn() {
  state_ends_s_ +=
      drift_random_.exponential(slow_ ? spec_.drift.mean_slow_s : spec_.drift.mean_good_s);
}

bool ServiceModel::is_slow(Instant at) {
  while (state_ends_s_ <= seconds_since_start(at)) {
    slow_ = !slow_;
    draw_sojourn();
  }
  return slow_;
}

double ServiceModel::interference_factor(ClassId task_class, const RunningPerClass& running) const {
  const auto& interference = spec_.interference;
  if (interference.beta == 0 || !interference.hungry[task_class.value()]) return 1;
  std::uint32_t hungry_count = 1;
  for (std::size_t i = 0; i < running.size(); ++i) {
    if (interference.hungry[i]) hungry_count += running[i];
  }
  const double harmless = interference.share * cores_;
  return 1 + interference.beta * std::max(0.0, hungry_count - harmless) / harmless;
}

Duration ServiceModel::service(const TaskHeader& task, Instant start,
                               const RunningPerClass& running) {
  WEIR_CHECK(task.task_class.value() < kMaxClasses, "a task of a class that does not exist");
  const double work_s = spec_.mean_work_s * task_size(spec_.size, seed_, task.id);
  const double speed = speed_ * (is_slow(start) ? spec_.drift.speed : 1);
  const double seconds = work_s * spec_.slow_down(task.task_class, type_) *
                         interference_factor(task.task_class, running) / speed;
  return std::max(from_seconds(std::min(seconds, kLongestServiceS)), Duration(1));
}

}  // namespace weir
