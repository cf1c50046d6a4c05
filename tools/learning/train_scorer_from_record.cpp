#include "tools/learning/train_scorer_from_record.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "tools/experiment/comparison_report.hpp"
#include "tools/learning/recorded_samples.hpp"

namespace weir {
namespace {

constexpr int kEpochs = 20;
constexpr double kJudgingShare = 0.2;
// Fewer say more of chance than of the nodes.
constexpr std::size_t kLeastSamples = 2000;

// Of all epochs, of the weights before, and of correcting nothing.
struct Best {
  ServiceEstimator estimator;
  double loss = 0;
  std::string what;
};

struct Samples {
  std::vector<ServiceSample> learning;
  std::vector<ServiceSample> judging;
};

Samples samples_in(const std::string& path) {
  const std::vector<RecordedSample> all = recorded_samples(RecordReader(path));
  if (all.size() < kLeastSamples) {
    throw Error("nothing can be learned from this record",
                std::to_string(all.size()) + " tasks whose nodes had told of their class",
                std::to_string(kLeastSamples) + " at least", "a longer run");
  }
  Samples samples;
  const auto learned =
      static_cast<std::size_t>((1 - kJudgingShare) * static_cast<double>(all.size()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    (i < learned ? samples.learning : samples.judging).push_back(all[i].sample);
  }
  return samples;
}

}  // namespace

TrainingReply train_scorer_from_record(const TrainingRequest& request, const TrainingWatch& watch) {
  const std::string& record = request.settings.at("from");
  const Samples samples = samples_in(record);
  ServiceEstimator estimator = service_estimator_of("");
  const ServiceFitEpoch begin = loss_of(estimator, samples.judging);
  Best best{estimator, begin.loss, "with the weights that come with weir"};
  if (begin.told_loss < begin.loss) best = {{}, begin.told_loss, "where nothing is corrected"};
  TrainingReply reply{
      .curve = {.columns = {"epoch", "loss", "loss on the last fifth", "loss of what nodes told"}}};
  reply.curve.rows.push_back({0, begin.loss, begin.loss, begin.told_loss});
  const ServiceFitOptions fit{.epochs = kEpochs, .seed = request.seed};
  fit_service_estimator(estimator, samples.learning, fit, [&](const ServiceFitEpoch& epoch) {
    const auto number = static_cast<int>(reply.curve.rows.size());
    const ServiceFitEpoch judged = loss_of(estimator, samples.judging);
    reply.curve.rows.push_back(
        {static_cast<double>(number), epoch.loss, judged.loss, judged.told_loss});
    if (judged.loss < best.loss) {
      best = {estimator, judged.loss, "after epoch " + std::to_string(number)};
    }
    const bool goes_on = watch({"epochs", number, kEpochs});
    reply.stopped = !goes_on && number < kEpochs;
    return goes_on;
  });
  // It takes seconds, and is not resumed.
  if (reply.stopped) return {.stopped = true};
  reply.summary = "loss on the last fifth of " +
                  std::to_string(samples.learning.size() + samples.judging.size()) + " tasks " +
                  number_text(best.loss, 4) + " " + best.what + "; " + number_text(begin.loss, 4) +
                  " with the weights that come with weir, " + number_text(begin.told_loss, 4) +
                  " of what nodes told";
  WeightFile weights = best.estimator.weights();
  weights.provenance = request.provenance;
  weights.provenance["seed"] = static_cast<std::int64_t>(request.seed);
  weights.provenance["from"] = record;
  weights.provenance["summary"] = reply.summary;
  write_weights(weights, request.weights);
  return reply;
}

}  // namespace weir
