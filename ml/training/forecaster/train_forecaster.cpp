#include "ml/training/forecaster/train_forecaster.hpp"

#include <system_error>

#include "ml/inference/lstm_forecaster.hpp"
#include "runtime/base/error.hpp"

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

ForecasterTraining train_forecaster(
    const ForecasterPlan& plan, const std::function<bool(const ForecasterProgress&)>& on_progress) {
  const auto on_stream = [&](int done, int all) { on_progress({"streams", done, all}); };
  SyntheticOptions for_validation = plan.training;
  for_validation.per_kind = plan.validation_per_kind;
  for_validation.first_seed += kFirstValidationSeed;
  const std::vector<BinnedStream> streams = synthetic_streams(plan.training, on_stream);
  const NaiveBases bases = best_bases(streams);
  ForecasterTrainer trainer(plan.learning, series_of(streams, bases),
                            series_of(synthetic_streams(for_validation), bases));
  if (plan.resume) trainer.load_checkpoint(plan.checkpoint);

  ForecasterTraining result;
  while (!trainer.finished() && !result.stopped) {
    trainer.train_epoch();
    const int done = static_cast<int>(trainer.epochs().size());
    if (trainer.best_epoch() == done) write_best(trainer, plan, bases);
    trainer.save_checkpoint(plan.checkpoint);
    result.stopped = !on_progress({"epochs", done, plan.learning.max_epochs});
  }
  result.epochs = trainer.epochs();
  result.best_epoch = trainer.best_epoch();
  // A training that ended at once was resumed with nothing left to do.
  if (!result.stopped) {
    write_best(trainer, plan, bases);
    std::error_code ignored;
    std::filesystem::remove(plan.checkpoint, ignored);
  }
  return result;
}

}  // namespace weir
