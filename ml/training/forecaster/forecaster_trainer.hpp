// Teaches the LSTM of ml/inference/lstm_forecaster.hpp: pinball loss of all quantiles and horizons,
// Adam (Kingma and Ba 2015), back-propagation through windows of 120 bins between which the state
// is carried but no gradient (Williams and Peng 1990). LibTorch stays behind this header.
//
// Equal data, options and seed give equal weights, bit for bit, on one machine: one thread, and
// every draw is a function of the seed and the epoch. So a checkpoint need not hold the state of a
// random generator.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "ml/inference/weight_file.hpp"
#include "ml/training/forecaster/training_series.hpp"

namespace weir {

struct ForecasterTrainingOptions {
  int hidden_count = 64;
  int window_bins = 120;        // of back-propagation
  std::size_t batch_size = 24;  // series side by side
  double learning_rate = 3e-3;
  double learning_rate_decay = 0.85;  // factor from epoch to epoch
  double max_gradient_norm = 1;
  int max_epochs = 22;
  int patience_epochs = 6;  // without a better validation loss, then training ends
  std::uint64_t seed = 1;
};

struct TrainingEpoch {
  double training_loss = 0;    // mean over the epoch, in units of the naive forecast's error
  double validation_loss = 0;  // after it
};

class ForecasterTrainer {
 public:
  // All series are of one length: at least two windows; neither list is empty.
  ForecasterTrainer(const ForecasterTrainingOptions& options,
                    const std::vector<TrainingSeries>& training,
                    const std::vector<TrainingSeries>& validation);
  ForecasterTrainer(const ForecasterTrainer&) = delete;
  ForecasterTrainer& operator=(const ForecasterTrainer&) = delete;
  ~ForecasterTrainer();

  // One pass over the training series. Throws Error, and is of no further use, when a loss is no
  // longer finite; the best weights are then as they were.
  TrainingEpoch train_epoch();

  // True once all epochs are done or the patience is used up.
  bool finished() const;
  const std::vector<TrainingEpoch>& epochs() const;
  int best_epoch() const;  // from 1; 0: none yet

  // The tensors of the epoch with the least validation loss; of the start before the first.
  WeightFile best_weights() const;

  // All that the next epochs depend on, but options and data. Replaces the file in one step. Both
  // throw Error when the file cannot be written or read, or is of another training.
  void save_checkpoint(const std::filesystem::path& path) const;
  void load_checkpoint(const std::filesystem::path& path);

  // What the network answers to `series`, by LibTorch with the weights of best_weights():
  // bins x kForecastOutputCount.
  std::vector<float> evaluate_best(const TrainingSeries& series) const;

 private:
  class Learning;
  std::unique_ptr<Learning> learning_;
};

}  // namespace weir
