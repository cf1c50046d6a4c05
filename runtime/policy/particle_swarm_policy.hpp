// `particle_swarm`: tasks are split at random by weights that a particle swarm improves between
// placements. J. Kennedy and R. Eberhart, "Particle swarm optimization", IEEE ICNN, 1995, with the
// constants of M. Clerc and J. Kennedy, IEEE Trans. Evolutionary Computation 6(1), 2002; for task
// scheduling A. Salman, I. Ahmad and S. Al-Madani, "Particle swarm optimization for task assignment
// problem", Microprocessors and Microsystems 26(8), 2002.
//
// A particle is a point of log weights for every (class, node) with a velocity; its cost is the
// mean response of the model in weighted_split.hpp at the measured load and service times. Every
// few placements one particle moves: its velocity is kept in part and turned toward the best point
// it has seen and the best that any has seen. Those are measured again, in turn, as loads change.
// The first particle stays at the split in proportion to capacity: a swarm that has gathered at
// what wrong measurements praised is drawn back.
//
// A comparator: weights change within seconds, so it can follow rates and loads and not queues.

#pragma once

#include <cstddef>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/policy/load_estimate.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/policy/weighted_split.hpp"

namespace weir {

struct ParticleSwarmOptions {
  int particles = 16;        // at least 2
  int placements = 4;        // from one move to the next, at least 1
  double inertia = 0.72;     // of the velocity, what is kept
  double attraction = 1.49;  // to either best, times a random number in [0, 1)
};

// log n and, once in `placements`, three evaluations of the model: linear in nodes x classes.
class ParticleSwarmPolicy final : public Policy {
 public:
  ParticleSwarmPolicy(ParticleSwarmOptions options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_report(const NodeView& node) override { load_.on_report(node); }

 private:
  struct Particle {
    std::vector<double> position;
    std::vector<double> velocity;
    std::vector<double> best_position;
    double best_cost = 0;
  };

  void found_swarm(const ClusterView& cluster);
  void move_next();
  std::size_t best() const;

  ParticleSwarmOptions options_;
  Random random_;
  LoadEstimate load_;
  WeightedSplit split_;
  std::vector<Particle> swarm_;
  std::size_t next_ = 0;
  int placements_left_ = 0;
};

}  // namespace weir
