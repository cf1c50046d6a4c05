// From a seed to weights: makes the streams, trains, keeps a checkpoint, writes the file.

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ml/training/forecaster/forecaster_trainer.hpp"
#include "ml/training/forecaster/synthetic_streams.hpp"

namespace weir {

struct ForecasterPlan {
  SyntheticOptions training;
  std::size_t validation_per_kind = 6;
  ForecasterTrainingOptions learning;
  std::filesystem::path weights;     // written at the end
  std::filesystem::path checkpoint;  // written after each epoch; for the caller to remove
  bool resume = false;               // go on from the checkpoint, which must exist
  Attributes provenance;             // stored with the weights: date, version, command
};

// "quick": some seconds, to see that it works. "shipped": ten minutes or so of one core. Throws
// Error for another name. Streams and first weights follow from `seed`; seeds of streams start at a
// million times it, so that no evaluation meets one of them.
ForecasterPlan forecaster_plan(const std::string& preset, std::uint64_t seed);

struct ForecasterProgress {
  std::string stage;  // "streams" or "epochs"
  int done;
  int all;  // at most
};

struct ForecasterTraining {
  std::vector<TrainingEpoch> epochs;
  int best_epoch = 0;
  bool stopped = false;
};

// Called after each stream and each epoch; false asks to stop.
using ForecasterWatch = std::function<bool(const ForecasterProgress&)>;

// Stopped between epochs it leaves the checkpoint; stopped before the first, nothing new. Throws
// Error for files that cannot be read or written, before the first stream where that can be seen.
ForecasterTraining train_forecaster(const ForecasterPlan& plan, const ForecasterWatch& on_progress);

}  // namespace weir
