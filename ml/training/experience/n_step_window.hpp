// Turns the steps of an episode into transitions over n steps: what was done at an observation, the
// discounted sum of the n rewards from there, and the observation after them, whose value stands
// for the rest (R. Sutton, A. Barto, "Reinforcement learning", 2018, chapter 7).

#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "ml/training/experience/environment.hpp"

namespace weir {

struct Transition {
  Observation observation;
  Actions actions;
  double reward = 0;    // discounted sum over the steps
  double discount = 0;  // of the value of `next`; 0 where the episode ended
  Observation next;
  bool is_demonstration = false;  // the actions are the rule's
  friend bool operator==(const Transition&, const Transition&) = default;
};

// Whether its reward, discount and features are.
bool is_finite(const Transition& transition);

struct NStepOptions {
  std::size_t steps = 3;
  double discount = 0.99;  // of one step
};

class NStepWindow {
 public:
  explicit NStepWindow(NStepOptions options);

  // An episode begins. What waits of the one before is dropped.
  void begin(Observation first);

  // A step was taken from the latest observation. Gives the transitions that are whole with it, the
  // oldest first: at most one, and all that are left when the episode is over, those over fewer
  // steps.
  std::vector<Transition> add(const Actions& actions, const Step& step, bool is_demonstration);

  const Observation& latest() const { return latest_; }

 private:
  NStepOptions options_;
  Observation latest_;
  std::deque<Transition> waiting_;  // `discount` is that of the next reward
};

}  // namespace weir
