// Learns which actions are worth most: a deep Q-network (V. Mnih et al., Nature 518, 2015) that
// branches, so that a decision may have hundreds of parts.
//
// The learner plays its environments in turn and keeps the transitions, over three steps each, in
// a prioritized memory. An update draws a batch. What a transition should have been worth is its
// reward plus the discounted value of what came next: in each branch the network that learns names
// the best feasible action, an older copy of it says what that is worth (double Q-learning, H. van
// Hasselt, A. Guez, D. Silver, AAAI 2016), and the mean over the branches stands for the whole
// decision (A. Tavakoli, F. Pardo, P. Kormushev, AAAI 2018). All branches that were decided move
// toward it, by Huber's loss or, with more than one quantile, by that of quantile regression (W.
// Dabney et al., AAAI 2018).
//
// It begins as an imitation of the rule (T. Hester et al., "Deep Q-learning from demonstrations",
// AAAI 2018): demonstrations are learned from in the same way, and the rule's action shall also be
// worth more than every other by a margin.
//
// One seed, one result: LibTorch runs on one thread, and every draw comes from a generator that
// belongs to the number of the step or update. So there is no random state to save, and a learner
// that was saved and loaded goes on bit by bit as if it had never stopped.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "ml/inference/weight_file.hpp"
#include "ml/training/control/q_shape.hpp"
#include "ml/training/experience/curriculum.hpp"
#include "ml/training/experience/environment.hpp"
#include "ml/training/experience/episode_player.hpp"
#include "ml/training/experience/n_step_window.hpp"
#include "ml/training/experience/prioritized_replay.hpp"
#include "runtime/record/column.hpp"

namespace weir {

struct DqnOptions {
  std::uint64_t seed = 1;
  NStepOptions n_step = {.steps = 3, .discount = 0.99};
  ReplayOptions replay = {};

  std::size_t batch = 256;               // transitions of an update
  std::size_t least_transitions = 1000;  // that are kept before the first update
  std::int64_t steps_per_update = 1;
  std::int64_t updates_per_target = 2000;  // after which the older copy is made anew
  std::int64_t quantiles = 1;              // of the return; 1: its mean alone, by Huber's loss
  // Errors beyond it count linearly; in units of the return. Quantiles need it well below the
  // spread of the returns: else they are expectiles, whose mean is not the mean where returns are
  // skewed.
  double huber = 1;
  double learning_rate = 3e-4;  // of Adam
  double adam_epsilon = 1.5e-4;
  double clip_norm = 10;  // of the gradient

  // A branch is decided at random with probability epsilon, which falls evenly: one of its
  // so many best feasible actions.
  double first_epsilon = 0.2;
  double last_epsilon = 0.02;
  std::int64_t epsilon_steps = 50'000;
  std::size_t explore_among = 3;

  // How far the memory's weights undo its priorities: beta grows evenly to 1.
  double first_beta = 0.4;
  std::int64_t beta_updates = 100'000;

  // By how much the rule's actions shall be worth more, in units of the return; and how much that
  // counts beside the rest of the loss, while imitating and in what is learned from demonstrations
  // later.
  double margin = 0.5;
  double margin_weight = 1;
  double later_margin_weight = 0.1;
};

// Means over the updates that were made; no number where none was.
struct LearningReport {
  std::vector<EpisodeResult> episodes;  // that were over
  std::int64_t updates = 0;
  double loss = 0;
  double error = 0;  // absolute, of a decision's value
  double value = 0;  // of the decisions that were learned from
};

class Dqn {
 public:
  // All environments have the branches of the shape; without any it learns from what it is given to
  // remember. Sets LibTorch to one thread for the whole process.
  Dqn(QShape shape, DqnOptions options, std::vector<std::unique_ptr<Environment>> environments,
      Curriculum curriculum);
  Dqn(const Dqn&) = delete;
  Dqn& operator=(const Dqn&) = delete;
  ~Dqn();

  // Lets the rule play so many steps, then learns in so many updates from what is kept.
  LearningReport imitate(std::int64_t steps, std::int64_t updates);
  // Plays so many steps itself and learns from them. In pieces or at once is the same.
  LearningReport learn(std::int64_t steps);
  // A transition from elsewhere, such as a recorded run.
  void remember(Transition transition);
  // Learns in so many updates from what is kept, and plays nothing. As imitate() does, without its
  // steps, where `imitates`.
  LearningReport rehearse(std::int64_t updates, bool imitates = false);

  // Q-values of all branches, in the order of branches_at(); and the best feasible actions.
  std::vector<float> values(const Observation& observation) const;
  Actions decide(const Observation& observation) const;
  // What ml/inference runs: see QNetwork::weights(). Its schema is the caller's, and so is what the
  // provenance says beside "network_shape".
  WeightFile weights() const;
  // Goes on from such weights, as from those that were shipped: with a new copy and a new Adam, and
  // whatever the memory holds. Throws Error where they are of another shape; `path` is for the
  // message.
  void begin_with(const WeightFile& weights, const std::filesystem::path& path);

  Curriculum& curriculum();
  const PrioritizedReplay& replay() const;
  std::int64_t steps() const;
  std::int64_t updates() const;

  // All of it: networks, Adam, memory, episodes under way, curriculum. Loading needs the same
  // shape, quantiles, scenarios, capacity and environments, and throws Error otherwise, after which
  // the learner is of no use; other options may have changed. Notes are the caller's, who finds
  // them in the record again.
  void save(const std::filesystem::path& path, const std::vector<Array>& notes = {}) const;
  void load(const std::filesystem::path& path);

 private:
  class Learner;
  std::unique_ptr<Learner> learner_;
};

}  // namespace weir
