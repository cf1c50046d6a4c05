// One level of control that can be taught: it plays worlds with a network that decides there, and
// tells what it saw, what it did and how the world fared. What is learned from that is the same for
// all levels (train_control.hpp).

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ml/inference/weight_file.hpp"
#include "ml/training/control/q_shape.hpp"
#include "ml/training/experience/environment.hpp"
#include "runtime/base/time.hpp"
#include "tools/settings/scenario.hpp"

namespace weir {

struct ControlStep {
  Observation observation;
  Actions actions;
  Duration at{0};       // since the begin of the world
  double own_cost = 0;  // of the actions themselves, in units of the reward
};

// Of one decision maker, in the order of time.
using ControlTrack = std::vector<ControlStep>;

struct ControlRun {
  std::vector<ControlTrack> tracks;
  // Of the whole world, tick by tick from its begin: smaller is better.
  std::vector<double> costs = {};
  // The same of each track, where decision makers have costs of their own; else empty. Then all
  // runs of a world have the same tracks, in the same order.
  std::vector<std::vector<double>> track_costs = {};
  double cost = 0;  // what the run is judged by; above zero
};

// Who decides in a world.
struct ControlActor {
  const WeightFile* weights = nullptr;  // null: the rule, everywhere
  double epsilon = 0;                   // with which a branch tries something else
  std::uint64_t seed = 1;               // of what it tries
};

// Several threads may play at the same time.
class ControlLevel {
 public:
  virtual ~ControlLevel() = default;

  virtual std::string kind() const = 0;  // of its weights
  virtual std::int64_t schema() const = 0;
  virtual QShape shape() const = 0;
  virtual Duration tick() const = 0;  // of ControlRun::costs
  // A reward is so much times what a tick costs less than with the rule, relative to what ticks of
  // the rule cost on average: so rewards are near 1.
  virtual double reward_scale() const = 0;
  // Throws Error for a world that cannot be simulated.
  virtual ControlRun play(const SimulateOptions& world, const ControlActor& actor) const = 0;
};

}  // namespace weir
