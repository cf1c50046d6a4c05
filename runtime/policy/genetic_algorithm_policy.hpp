// `genetic_algorithm`: tasks are split at random by weights that a genetic algorithm improves
// between placements. After A. J. Page and T. J. Naughton, "Dynamic task scheduling using genetic
// algorithms for heterogeneous distributed computing", IEEE IPDPS, 2005; the steady-state form of
// D. Whitley, "The GENITOR algorithm and selection pressure", ICGA, 1989.
//
// An individual is a weight for every (class, node); its cost is the mean response of the model in
// weighted_split.hpp at the measured load and service times. Every few placements two parents, each
// the better of two drawn, give a child: each weight is one parent's, some are changed. The child
// takes the place of the worst if it is better. One of the others is measured again each time, for
// what was good at yesterday's load need not be today. The split in proportion to capacity is never
// replaced, so that a sudden load finds one that can bear it. Tasks go by the best.
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

struct GeneticAlgorithmOptions {
  int population = 16;     // at least 2
  int placements = 4;      // from one child to the next, at least 1
  double mutation = 0.05;  // probability of a weight to change
};

// log n and, once in `placements`, three evaluations of the model: linear in nodes x classes.
class GeneticAlgorithmPolicy final : public Policy {
 public:
  GeneticAlgorithmPolicy(GeneticAlgorithmOptions options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_report(const NodeView& node) override { load_.on_report(node); }

 private:
  struct Individual {
    std::vector<double> log_weights;
    double cost = 0;
  };

  void found_population(const ClusterView& cluster);
  void breed();
  const Individual& parent();
  std::size_t best() const;

  GeneticAlgorithmOptions options_;
  Random random_;
  LoadEstimate load_;
  WeightedSplit split_;
  std::vector<Individual> population_;
  Individual child_;
  std::size_t next_measured_ = 0;
  int placements_left_ = 0;
};

}  // namespace weir
