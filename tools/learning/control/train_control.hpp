// Teaches a level of control in simulation.
//
// A world runs as a whole and cannot be stepped, so learning goes in rounds: worlds are played by
// the rule, and again on the same seeds by the network of the round before, which tries other
// actions now and then. A step's reward is what the world cost less than in the rule's run at the
// same time, the most of the noise being common to both. Steps become transitions over several
// steps, and the learner (ml/training/control) learns from those it remembers. In the first round
// only the rule plays, and the network learns to do the same.
//
// Each round is judged on other seeds against the rule, and the best one is kept, if it is better
// than the rule; a world counts by the logarithm of its ratio to the rule, and the worst one once
// more.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "ml/training/control/dqn.hpp"
#include "tools/learning/control/control_level.hpp"

namespace weir {

struct ControlPlan {
  // Seeds are set here. For each round the worlds to learn from; at least one round.
  std::vector<std::vector<Settings>> rounds;
  std::vector<Settings> judging;
  int judging_seeds = 1;           // of each world
  std::int64_t updates = 1000;     // of each round
  std::size_t most_steps = 2'000;  // of a world that are learned from, evenly over them
  double first_epsilon = 0.5;
  double last_epsilon = 0.2;
  std::uint64_t seed = 1;
  int threads = 1;
  DqnOptions learner;
  // Written after each round; empty: never.
  std::filesystem::path checkpoint;
};

struct ControlRound {
  WeightFile weights;          // tensors and their shape
  double loss = 0;             // mean over the updates
  double error = 0;            // likewise, of what decisions were worth
  std::vector<double> ratios;  // by judging world: cost over the rule's, geometric mean
};

// What is made small: below zero, better than the rule.
double cost(const ControlRound& round);

struct TrainedControl {
  std::vector<ControlRound> rounds;
  int best_round = 0;  // from 1; 0: none is better than the rule
  bool stopped = false;
};

// Called after each world that was played, and now and then while learning; false asks to stop.
using ControlWatch = std::function<bool(int done, int all)>;

// Equal plans give equal weights on one machine, whatever the number of threads. `resume`: goes on
// after the rounds in plan.checkpoint, which an equal plan has left, bit for bit as if it had not
// ended there. Throws Error for a world that cannot be simulated, and for a checkpoint that is of
// another plan or cannot be read or written.
TrainedControl train_control(const ControlLevel& level, const ControlPlan& plan, bool resume,
                             const ControlWatch& watch);

}  // namespace weir
