#include "runtime/policy/particle_swarm_policy.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr double kFirstSpread = 0.1;  // of log weights; the first, proportional one has none

}  // namespace

ParticleSwarmPolicy::ParticleSwarmPolicy(ParticleSwarmOptions options, Random random)
    : options_(options), random_(random) {
  WEIR_CHECK(options_.particles >= 2 && options_.placements >= 1, "no swarm, or no time to move");
}

RankId ParticleSwarmPolicy::place(const TaskView& task, const ClusterView& cluster) {
  if (split_.count(task.task_class, cluster)) found_swarm(cluster);
  if (--placements_left_ <= 0) {
    placements_left_ = options_.placements;
    split_.measure(cluster, load_.load());
    move_next();
    split_.use(swarm_[best()].best_position, cluster);
  }
  return split_.draw(task.task_class, cluster, random_);
}

void ParticleSwarmPolicy::found_swarm(const ClusterView& cluster) {
  split_.measure(cluster, load_.load());
  swarm_.resize(static_cast<std::size_t>(options_.particles));
  for (std::size_t i = 0; i < swarm_.size(); ++i) {
    Particle& particle = swarm_[i];
    particle.position.assign(split_.weight_count(), 0);
    particle.velocity.assign(split_.weight_count(), 0);
    if (i > 0) {
      for (double& weight : particle.position) weight = kFirstSpread * random_.normal();
    }
    particle.best_position = particle.position;
    particle.best_cost = split_.cost(particle.position);
  }
  next_ = 0;
  placements_left_ = options_.placements;
  split_.use(swarm_[best()].best_position, cluster);
}

void ParticleSwarmPolicy::move_next() {
  swarm_.front().best_cost = split_.cost(swarm_.front().position);
  next_ = next_ % (swarm_.size() - 1) + 1;  // all but the first, in turn
  Particle& particle = swarm_[next_];
  particle.best_cost = split_.cost(particle.best_position);
  const std::vector<double>& leader = swarm_[best()].best_position;
  for (std::size_t i = 0; i < particle.position.size(); ++i) {
    double& position = particle.position[i];
    double& velocity = particle.velocity[i];
    const double to_own = random_.uniform() * (particle.best_position[i] - position);
    const double to_leader = random_.uniform() * (leader[i] - position);
    velocity = options_.inertia * velocity + options_.attraction * (to_own + to_leader);
    position = WeightedSplit::limited(position + velocity);
  }
  const double cost = split_.cost(particle.position);
  if (cost >= particle.best_cost) return;
  particle.best_cost = cost;
  particle.best_position = particle.position;
}

std::size_t ParticleSwarmPolicy::best() const {
  const auto best = std::ranges::min_element(swarm_, {}, &Particle::best_cost);
  return static_cast<std::size_t>(best - swarm_.begin());
}

}  // namespace weir
