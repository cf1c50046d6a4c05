// A coordinator's part in learning while a run goes on. At level 1 what homes tell of their tasks
// comes to the learner of the cluster, and the weights that it decides on go to the homes. Where
// clusters share what they learn, those weights go up as well; the coordinators above pass up the
// mean of what is below, and that of the root comes down to every cluster, to be tried there.
//
// The mean weighs each part by the tasks that its weights were fitted to: federated averaging, B.
// McMahan et al., "Communication-efficient learning of deep networks from decentralized data",
// AISTATS 2017. It is a mean of weights, which means something because all of them went on from
// those that the run was given.
//
// Nothing waits for any of these messages. Each may be lost or come twice: a home says by what it
// goes and is told again, and the next news from a part of the tree takes the place of the last.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/control/learning_observer.hpp"
#include "runtime/control/learning_options.hpp"
#include "runtime/control/online_learner.hpp"
#include "runtime/control/outgoing.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// What a rank's coordinators learn with; all of it outlives them. The observer may be null.
struct LearningParts {
  const ServiceEstimator* given = nullptr;
  EstimatorTrainer* trainer = nullptr;
  LearningObserver* observer = nullptr;
};

class LearningDesk {
 public:
  using Out = std::vector<Outgoing>;

  // From samples to a look at what has come of them.
  static constexpr Duration kTick = std::chrono::seconds(1);
  // From the first news to passing on the mean.
  static constexpr Duration kGather = std::chrono::seconds(2);
  // A home that has said nothing for so long is not told of new weights: it will be when it speaks.
  static constexpr Duration kLongestSilence = std::chrono::seconds(4);

  LearningDesk(const CoordinatorRole& role, OnlineLearning mode, const LearningParts& parts);

  // `position` among the children.
  void on(const ServiceSamples& samples, std::size_t position, Instant now, Out& out);
  void on(const WeightsReport& report, std::size_t position, Instant now);
  void on(const AverageWeights& average, Out& out);

  Instant next_due() const { return next_due_; }
  void tell(Instant now, Out& out);

  // At level 1; null above it.
  const OnlineLearner* learner() const { return learner_ ? &*learner_ : nullptr; }

 private:
  // What a home has told.
  struct Home {
    std::uint32_t sequence = 0;
    Instant heard{};
  };

  EstimatorWeights weights() const;
  void tell_learned(Instant now, Out& out);
  void tell_average(Out& out);
  void pass_down(const AverageWeights& average, Out& out) const;

  CoordinatorRole role_;
  OnlineLearning mode_;
  LearningObserver* observer_;
  std::optional<OnlineLearner> learner_;  // at level 1
  std::vector<Home> homes_;               // likewise, by child
  std::vector<EstimatorWeights> below_;   // above it, by child; not fitted to any task: none yet
  Instant next_due_ = kNever;
};

// Weighted by the tasks they were fitted to; nothing where there is none that is sound.
std::optional<EstimatorWeights> average_of(const std::vector<EstimatorWeights>& parts);

}  // namespace weir
