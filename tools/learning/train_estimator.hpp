// Teaches a service estimator in simulation.
//
// What a policy sees depends on what it does: an estimator that was fitted to placements of the
// rule is asked about other nodes once it decides itself. So it is fitted in rounds: worlds are
// played with the estimator of the round before, what their tasks took is added to all samples so
// far, and the next one is fitted to them (dataset aggregation: S. Ross, G. Gordon and D. Bagnell,
// AISTATS 2011). Each round is judged on other seeds against the rule, and the best one is kept; a
// world counts by the logarithm of its ratio of mean responses, and the worst one once more.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "ml/inference/service_estimator.hpp"
#include "ml/training/estimator/fit_service_estimator.hpp"
#include "tools/settings/scenario.hpp"

namespace weir {

struct EstimatorPlan {
  // Policy and seed are set here. For each round the worlds to learn from; at least one of each.
  std::vector<std::vector<Settings>> rounds;
  std::vector<Settings> judging;
  int judging_seeds = 2;  // of each world
  // Of a world; more are thinned out, evenly over its time. So no world drowns the others.
  std::size_t most_samples = 50'000;
  std::uint64_t seed = 1;
  int threads = 1;
  ServiceFitOptions fit;
  // Written after each round; empty: never.
  std::filesystem::path checkpoint;
};

struct EstimatorRound {
  ServiceEstimator estimator;
  double loss = 0;             // of the last epoch of the fit
  double told_loss = 0;        // of what nodes told
  std::vector<double> ratios;  // by judging world: mean response over the rule's, geometric mean
};

// What is made small: below zero, better than the rule.
double cost(const EstimatorRound& round);

struct TrainedEstimator {
  std::vector<EstimatorRound> rounds;
  int best_round = 0;  // from 1; 0: none is better than the rule
  bool stopped = false;
};

// Called after each world that was played; false asks to stop.
using EstimatorWatch = std::function<bool(int done, int all)>;

// Equal plans give equal estimators on one machine, whatever the number of threads. Goes on after
// the rounds in `before`, which an equal plan has given: their worlds are played once more for what
// their tasks took. Throws Error for a world that cannot be simulated.
TrainedEstimator train_estimator(const EstimatorPlan& plan, std::vector<EstimatorRound> before,
                                 const EstimatorWatch& watch);

}  // namespace weir
