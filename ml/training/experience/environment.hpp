// What is learned from: a world that shows itself, takes actions, and says what they were worth.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ml/inference/action_branches.hpp"

namespace weir {

// One look at a world. A network over a set of nodes sees all three kinds of features, as in
// NodeSet; a plain one sees the context alone.
struct Observation {
  std::vector<float> nodes;
  std::vector<float> classes;
  std::vector<float> context;
  // For every action of all branches whether it may be taken; empty: all may.
  std::vector<std::uint8_t> feasible;
  // What the rule would do now, one for every branch: the learner begins as its imitation.
  Actions rule_actions;
  friend bool operator==(const Observation&, const Observation&) = default;
};

// All that decides how an episode goes, beside the actions.
struct Episode {
  std::size_t scenario = 0;  // of those the curriculum knows
  std::uint64_t seed = 0;
  friend bool operator==(const Episode&, const Episode&) = default;
};

enum class EpisodeState : std::uint8_t {
  kRunning,
  kEnded,   // nothing comes after the last observation, which is worth nothing
  kCutOff,  // it would have gone on: the last observation is worth what would have come
};

struct Step {
  double reward = 0;
  Observation observation;  // after the actions; may be empty where the episode ended
  EpisodeState state = EpisodeState::kRunning;
};

// The same episode and the same actions give the same observations and rewards, bit by bit: a
// checkpoint holds no worlds, but plays those that were under way again.
class Environment {
 public:
  virtual ~Environment() = default;

  // Begins the episode; leaves the one before, if it runs.
  virtual Observation reset(const Episode& episode) = 0;
  // One of each branch, all feasible. Not after the episode's last step.
  virtual Step step(const Actions& actions) = 0;
};

}  // namespace weir
