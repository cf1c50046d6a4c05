#include "ml/training/forecaster/forecaster_trainer.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "ml/inference/lstm_forecaster.hpp"
#include "ml/training/forecaster/synthetic_streams.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

constexpr NaiveBases kBases{NaiveForecasts::kEwma, NaiveForecasts::kEwma,
                            NaiveForecasts::kHoltWinters};

std::vector<TrainingSeries> some_series(std::uint64_t first_seed) {
  std::vector<TrainingSeries> series;
  for (const BinnedStream& stream : synthetic_streams(
           {.per_kind = 2, .bin_count = 360, .most_rate_per_s = 60, .first_seed = first_seed})) {
    series.push_back(training_series(stream, kBases));
  }
  return series;
}

const std::vector<TrainingSeries>& training() {
  static const auto series = some_series(1);
  return series;
}

const std::vector<TrainingSeries>& validation() {
  static const auto series = some_series(100);
  return series;
}

ForecasterTrainingOptions small(std::uint64_t seed = 1) {
  return {.hidden_count = 12, .batch_size = 4, .max_epochs = 50, .seed = seed};
}

WeightFile trained(ForecasterTrainer& trainer, int epochs) {
  for (int i = 0; i < epochs; ++i) trainer.train_epoch();
  return trainer.best_weights();
}

TEST(ForecasterTrainer, LowersTheLossOnStreamsItHasNotSeen) {
  ForecasterTrainer trainer(small(), training(), validation());
  trained(trainer, 6);
  EXPECT_LT(trainer.epochs().back().training_loss, trainer.epochs().front().training_loss);
  EXPECT_LT(trainer.epochs().back().validation_loss,
            0.95 * trainer.epochs().front().validation_loss);
}

TEST(ForecasterTrainer, GivesTheSameWeightsForTheSameSeedAndOthersForAnother) {
  ForecasterTrainer first(small(), training(), validation());
  ForecasterTrainer again(small(), training(), validation());
  ForecasterTrainer other(small(2), training(), validation());
  const WeightFile weights = trained(first, 2);
  EXPECT_EQ(weights.tensors, trained(again, 2).tensors);
  EXPECT_NE(weights.tensors, trained(other, 2).tensors);
}

TEST(ForecasterTrainer, GoesOnFromACheckpointBitForBit) {
  const ScratchFolder folder;
  ForecasterTrainer whole(small(), training(), validation());
  const WeightFile weights = trained(whole, 4);

  ForecasterTrainer first_half(small(), training(), validation());
  trained(first_half, 2);
  first_half.save_checkpoint(folder / "half");
  ForecasterTrainer second_half(small(), training(), validation());
  second_half.load_checkpoint(folder / "half");
  EXPECT_EQ(weights.tensors, trained(second_half, 2).tensors);
  ASSERT_EQ(second_half.epochs().size(), 4u);
  for (std::size_t epoch = 0; epoch < 4; ++epoch) {
    EXPECT_EQ(second_half.epochs()[epoch].validation_loss, whole.epochs()[epoch].validation_loss);
    EXPECT_EQ(second_half.epochs()[epoch].training_loss, whole.epochs()[epoch].training_loss);
  }
  EXPECT_EQ(second_half.best_epoch(), whole.best_epoch());
}

TEST(ForecasterTrainer, KnowsItsBestEpochWhenItGoesOnAfterIt) {
  const ScratchFolder folder;
  ForecasterTrainingOptions options = small();
  options.learning_rate = 0;  // The first epoch stays the best.
  options.patience_epochs = 5;
  ForecasterTrainer first_part(options, training(), validation());
  const WeightFile best = trained(first_part, 3);
  first_part.save_checkpoint(folder / "third");
  ForecasterTrainer rest(options, training(), validation());
  rest.load_checkpoint(folder / "third");
  EXPECT_EQ(rest.best_epoch(), 1);
  while (!rest.finished()) rest.train_epoch();
  EXPECT_EQ(rest.epochs().size(), 6u) << "one epoch, and five that are no better";
  EXPECT_EQ(rest.best_weights().tensors, best.tensors);
}

TEST(ForecasterTrainer, RefusesACheckpointWithFlippedBits) {
  const ScratchFolder folder;
  ForecasterTrainer trainer(small(), training(), validation());
  trained(trainer, 1);
  trainer.save_checkpoint(folder / "whole");
  const std::string whole = text_of_file(folder / "whole");
  for (std::size_t i = 0; i < 40; ++i) {
    std::string spoiled = whole;
    spoiled[i * spoiled.size() / 40 + 7] ^= '\x5a';
    folder.write("spoiled", spoiled);
    ForecasterTrainer other(small(), training(), validation());
    refusal([&] { other.load_checkpoint(folder / "spoiled"); });  // Nothing but an Error is thrown.
    EXPECT_LE(other.best_epoch(), static_cast<int>(other.epochs().size()));
  }
}

// The plain C++ network that ranks run, against LibTorch, over a whole series.
TEST(ForecasterTrainer, ExportsWeightsThatAnswerTheSameInPlainCpp) {
  ForecasterTrainer trainer(small(), training(), validation());
  const WeightFile weights = trained(trainer, 2);
  const LstmNetwork network(kForecastInputCount, kForecastOutputCount, weights, "trained");
  for (const TrainingSeries& series : validation()) {
    const std::vector<float> expected = trainer.evaluate_best(series);
    LstmState state = network.zero_state();
    std::array<float, kForecastOutputCount> outputs{};
    for (std::size_t bin = 0; bin < series.bin_count; ++bin) {
      network.step(std::span(series.inputs).subspan(bin * kForecastInputCount, kForecastInputCount),
                   state, outputs);
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        ASSERT_NEAR(outputs[i], expected[bin * kForecastOutputCount + i], 1e-5) << bin;
      }
    }
  }
}

TEST(ForecasterTrainer, EndsWhenTheValidationNoLongerImproves) {
  ForecasterTrainingOptions options = small();
  options.learning_rate = 0;
  options.patience_epochs = 3;
  ForecasterTrainer trainer(options, training(), validation());
  while (!trainer.finished()) trainer.train_epoch();
  EXPECT_EQ(trainer.epochs().size(), 4u) << "one epoch, and three that are no better";
  EXPECT_EQ(trainer.best_epoch(), 1);
}

TEST(ForecasterTrainer, RefusesACheckpointThatIsMissingOrNone) {
  const ScratchFolder folder;
  ForecasterTrainer trainer(small(), training(), validation());
  const std::string missing = refusal([&] { trainer.load_checkpoint(folder / "none"); });
  EXPECT_NE(missing.find("the checkpoint cannot be read"), std::string::npos) << missing;
  folder.write("text", "no archive");
  EXPECT_NE(refusal([&] { trainer.load_checkpoint(folder / "text"); }), kNothingRefused);
}

TEST(ForecasterTrainer, TellsOfACheckpointThatCannotBeWrittenAndLeavesNoPartOfIt) {
  const ScratchFolder folder;
  const ForecasterTrainer trainer(small(), training(), validation());
  const std::string nowhere = refusal([&] { trainer.save_checkpoint(folder / "no" / "where"); });
  EXPECT_NE(nowhere.find("the checkpoint cannot be written"), std::string::npos) << nowhere;
  EXPECT_EQ(nowhere.find("--resume"), std::string::npos) << nowhere;
  folder.write("taken/by", "a folder");
  const std::string taken = refusal([&] { trainer.save_checkpoint(folder / "taken"); });
  EXPECT_NE(taken.find("the checkpoint cannot be written"), std::string::npos) << taken;
  EXPECT_EQ(folder.names(), std::vector<std::string>{"taken"});
}

TEST(ForecasterTrainer, StopsWhenALossIsNoLongerFiniteAndKeepsItsBestWeights) {
  std::vector<TrainingSeries> spoiled = validation();
  spoiled.front().targets.back() = std::nanf("");
  ForecasterTrainer trainer(small(), training(), spoiled);
  const WeightFile before = trainer.best_weights();
  const std::string report = refusal([&] { trainer.train_epoch(); });
  EXPECT_NE(report.find("the training has diverged"), std::string::npos) << report;
  EXPECT_NE(report.find("nan in epoch 1"), std::string::npos) << report;
  EXPECT_EQ(trainer.best_epoch(), 0);
  EXPECT_EQ(trainer.best_weights().tensors, before.tensors);
}

TEST(ForecasterTrainer, RefusesACheckpointOfAnotherNetworkOrSeed) {
  const ScratchFolder folder;
  ForecasterTrainer(small(), training(), validation()).save_checkpoint(folder / "twelve");
  ForecasterTrainingOptions options = small();
  options.hidden_count = 16;
  ForecasterTrainer larger(options, training(), validation());
  EXPECT_NE(refusal([&] { larger.load_checkpoint(folder / "twelve"); }), kNothingRefused);
  ForecasterTrainer other(small(2), training(), validation());
  const std::string report = refusal([&] { other.load_checkpoint(folder / "twelve"); });
  EXPECT_NE(report.find("other options, seed or data"), std::string::npos) << report;
}

}  // namespace
}  // namespace weir
