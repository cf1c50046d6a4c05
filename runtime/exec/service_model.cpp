#include "runtime/exec/service_model.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr std::uint64_t kSizePart = 0x73697a65;  // of what one seed governs

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
      seed_(seed),
      speed_(spec, node, seed) {}

double ServiceModel::work_s(const TaskHeader& task) const {
  return mean_work_s(task.task_class) * task_size(spec_.size, seed_, task.id);
}

double ServiceModel::mean_work_s(ClassId task_class) const {
  WEIR_CHECK(task_class.value() < kMaxClasses, "a task of a class that does not exist");
  return spec_.mean_work_s * spec_.slow_down(task_class, type_);
}

bool ServiceModel::is_hungry(ClassId task_class) const {
  return spec_.interference.beta > 0 && spec_.interference.hungry[task_class.value()];
}

double ServiceModel::interference_factor(double hungry_count) const {
  const double harmless = spec_.interference.share * cores_ / spec_.memory_domains;
  return 1 + spec_.interference.beta * std::max(0.0, hungry_count - harmless) / harmless;
}

std::uint32_t ServiceModel::hungry_among(const RunningPerClass& running) const {
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < running.size(); ++i) {
    if (spec_.interference.hungry[i]) count += running[i];
  }
  return count;
}

Duration ServiceModel::service(const TaskHeader& task, Instant start,
                               const RunningPerClass& running) {
  double seconds = work_s(task);
  if (is_hungry(task.task_class)) seconds *= interference_factor(hungry_among(running) + 1);
  return std::max(from_seconds(std::min(seconds / speed_.at(start), kLongestServiceS)),
                  Duration(1));
}

}  // namespace weir
