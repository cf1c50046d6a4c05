#include "runtime/policy/genetic_algorithm_policy.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr double kFirstSpread = 0.1;  // of log weights; the first, proportional one has none
constexpr double kChange = 0.1;       // deviation of a change

}  // namespace

GeneticAlgorithmPolicy::GeneticAlgorithmPolicy(GeneticAlgorithmOptions options, Random random)
    : options_(options), random_(random) {
  WEIR_CHECK(options_.population >= 2 && options_.placements >= 1, "nobody to breed, or no time");
}

RankId GeneticAlgorithmPolicy::place(const TaskView& task, const ClusterView& cluster) {
  if (split_.count(task.task_class, cluster)) found_population(cluster);
  if (--placements_left_ <= 0) {
    placements_left_ = options_.placements;
    split_.measure(cluster, load_.load());
    breed();
    split_.use(population_[best()].log_weights, cluster);
  }
  return split_.draw(task.task_class, cluster, random_);
}

void GeneticAlgorithmPolicy::found_population(const ClusterView& cluster) {
  split_.measure(cluster, load_.load());
  population_.resize(static_cast<std::size_t>(options_.population));
  for (std::size_t i = 0; i < population_.size(); ++i) {
    Individual& individual = population_[i];
    individual.log_weights.assign(split_.weight_count(), 0);
    if (i > 0) {
      for (double& weight : individual.log_weights) weight = kFirstSpread * random_.normal();
    }
    individual.cost = split_.cost(individual.log_weights);
  }
  child_.log_weights.resize(split_.weight_count());
  next_measured_ = 0;
  placements_left_ = options_.placements;
  split_.use(population_[best()].log_weights, cluster);
}

const GeneticAlgorithmPolicy::Individual& GeneticAlgorithmPolicy::parent() {
  const Individual& one = population_[random_.below(population_.size())];
  const Individual& other = population_[random_.below(population_.size())];
  return other.cost < one.cost ? other : one;
}

void GeneticAlgorithmPolicy::breed() {
  next_measured_ = (next_measured_ + 1) % population_.size();
  Individual& measured = population_[next_measured_];
  measured.cost = split_.cost(measured.log_weights);
  population_.front().cost = split_.cost(population_.front().log_weights);

  const Individual& mother = parent();
  const Individual& father = parent();
  for (std::size_t i = 0; i < child_.log_weights.size(); ++i) {
    const bool from_mother = random_.uniform() < 0.5;
    child_.log_weights[i] = from_mother ? mother.log_weights[i] : father.log_weights[i];
    if (random_.uniform() < options_.mutation)
      child_.log_weights[i] =
          WeightedSplit::limited(child_.log_weights[i] + kChange * random_.normal());
  }
  child_.cost = split_.cost(child_.log_weights);
  const auto worst =
      std::ranges::max_element(population_.begin() + 1, population_.end(), {}, &Individual::cost);
  if (child_.cost < worst->cost) std::swap(*worst, child_);
}

std::size_t GeneticAlgorithmPolicy::best() const {
  const auto best = std::ranges::min_element(population_, {}, &Individual::cost);
  return static_cast<std::size_t>(best - population_.begin());
}

}  // namespace weir
