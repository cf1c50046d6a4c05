// Whether homes go by what is learned while they run, and with whose help.

#pragma once

#include <functional>
#include <memory>

#include "ml/inference/estimator_trainer.hpp"
#include "runtime/base/ids.hpp"

namespace weir {

enum class OnlineLearning {
  kOff,
  kByCluster,  // each cluster learns of its own tasks
  kFederated,  // and tries what all clusters have learned on average
};

struct OnlineLearningOptions {
  OnlineLearning mode = OnlineLearning::kOff;
  // For each rank that has a coordinator, where the mode is not off.
  std::function<std::unique_ptr<EstimatorTrainer>(RankId)> make_trainer;
};

}  // namespace weir
