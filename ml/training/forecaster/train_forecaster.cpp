#include "ml/training/forecaster/train_forecaster.hpp"

#include <optional>
#include <system_error>

#include "ml/inference/lstm_forecaster.hpp"
#include "runtime/base/error.hpp"
#include "runtime/record/replace_record.hpp"

namespace weir {
namespace {

constexpr std::uint64_t kSeedsPerTraining = 1'000'000;
// Validation streams have seeds behind all training streams.
constexpr std::uint64_t kFirstValidationSeed = 500'000;

std::vector<TrainingSeries> series_of(const std::vector<BinnedStream>& streams,
                                      const NaiveBases& bases) {
  std::vector<TrainingSeries> series;
  for (const BinnedStream& stream : streams) series.push_back(training_series(stream, bases));
  return series;
}

void write_best(const ForecasterTrainer& trainer, const ForecasterPlan& plan,
                const NaiveBases& bases) {
  WeightFile weights = trainer.best_weights();
  weights.provenance = plan.provenance;
  weights.provenance["seed"] = static_cast<std::int64_t>(plan.learning.seed);
  weights.provenance["epoch"] = std::int64_t{trainer.best_epoch()};
  weights.provenance["validation_loss"] =
      trainer.epochs()[static_cast<std::size_t>(trainer.best_epoch() - 1)].validation_loss;
  for (std::size_t kind = 0; kind < bases.size(); ++kind) {
    weights.provenance[ForecasterModel::base_attribute(kind)] =
        std::string(NaiveForecasts::kNames[bases[kind]]);
  }
  write_weights(weights, plan.weights);
}

// Before minutes of work, what would otherwise show only after them.
void require_files(const ForecasterPlan& plan) {
  require_replaceable(plan.weights, "the weights");
  require_replaceable(plan.checkpoint, "the checkpoint");
  std::error_code ignored;
  if (plan.resume && !std::filesystem::exists(plan.checkpoint, ignored)) {
    throw Error("the training cannot be resumed", "no " + plan.checkpoint.string(),
                "the checkpoint that a training leaves when it is stopped after its first epoch",
                "training without --resume");
  }
}

struct TrainingData {
  std::vector<TrainingSeries> training;
  std::vector<TrainingSeries> validation;
  NaiveBases bases{};
};

// Nothing when `on_progress` asks to stop.
std::optional<TrainingData> training_data(const ForecasterPlan& plan,
                                          const ForecasterWatch& on_progress) {
  SyntheticOptions for_validation = plan.training;
  for_validation.per_kind = plan.validation_per_kind;
  for_validation.first_seed += kFirstValidationSeed;
  const auto all =
      static_cast<int>((plan.training.per_kind + plan.validation_per_kind) * kStreamKinds.size());
  int done = 0;
  bool stopped = false;
  const auto on_stream = [&](int, int) {
    stopped = !on_progress({"streams", ++done, all});
    return !stopped;
  };
  const std::vector<BinnedStream> streams = synthetic_streams(plan.training, on_stream);
  if (stopped) return std::nullopt;
  const std::vector<BinnedStream> unseen = synthetic_streams(for_validation, on_stream);
  if (stopped) return std::nullopt;
  const NaiveBases bases = best_bases(streams);
  return TrainingData{series_of(streams, bases), series_of(unseen, bases), bases};
}

}  // namespace

ForecasterPlan forecaster_plan(const std::string& preset, std::uint64_t seed) {
  ForecasterPlan plan;
  plan.learning.seed = seed;
  plan.training.first_seed = kSeedsPerTraining * seed;
  if (preset == "shipped") return plan;
  if (preset != "quick") {
    throw Error("there is no such preset", "'" + preset + "'", "quick or shipped",
                "--preset shipped");
  }
  plan.training.per_kind = 3;
  plan.training.bin_count = 600;
  plan.training.most_rate_per_s = 200;
  plan.validation_per_kind = 1;
  plan.learning.max_epochs = 4;
  plan.learning.batch_size = 3;
  return plan;
}

ForecasterTraining train_forecaster(const ForecasterPlan& plan,
                                    const ForecasterWatch& on_progress) {
  require_files(plan);
  const std::optional<TrainingData> data = training_data(plan, on_progress);
  if (!data) return {.epochs = {}, .stopped = true};
  ForecasterTrainer trainer(plan.learning, data->training, data->validation);
  if (plan.resume) trainer.load_checkpoint(plan.checkpoint);

  ForecasterTraining result;
  while (!trainer.finished() && !result.stopped) {
    trainer.train_epoch();
    const int done = static_cast<int>(trainer.epochs().size());
    trainer.save_checkpoint(plan.checkpoint);
    result.stopped = !on_progress({"epochs", done, plan.learning.max_epochs});
  }
  result.epochs = trainer.epochs();
  result.best_epoch = trainer.best_epoch();
  // Only now: older weights of that name are good until there are better ones.
  if (!result.stopped) write_best(trainer, plan, data->bases);
  return result;
}

}  // namespace weir
