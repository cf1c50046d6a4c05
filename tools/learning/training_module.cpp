// libweir_training.so: all training, behind the one function that `weir train` calls. A further
// kind of weights is one more line in kinds().

#include <exception>
#include <functional>
#include <map>
#include <string>

#include "ml/training/forecaster/train_forecaster.hpp"
#include "runtime/base/error.hpp"
#include "tools/command/option_values.hpp"
#include "tools/learning/control/teach_control.hpp"
#include "tools/learning/training_door.hpp"

namespace weir {
namespace {

constexpr OptionBounds kEpochs{1, 10'000};

using Train = std::function<TrainingReply(const TrainingRequest&, const TrainingWatch&)>;

void apply_settings(const TrainingRequest& request, ForecasterPlan& plan) {
  for (const auto& [name, text] : request.settings) {
    if (name != "epochs") {
      throw Error("there is no such setting of the forecaster's training", "--" + name, "--epochs",
                  "--epochs 30");
    }
    plan.learning.max_epochs = static_cast<int>(whole_number_of({name, text, "30"}, kEpochs));
  }
}

TrainingReply forecaster(const TrainingRequest& request, const TrainingWatch& watch) {
  ForecasterPlan plan = forecaster_plan(request.preset, request.seed);
  apply_settings(request, plan);
  plan.weights = request.weights;
  plan.checkpoint = request.checkpoint;
  plan.resume = request.resume;
  plan.provenance = request.provenance;
  const ForecasterTraining training =
      train_forecaster(plan, [&](const ForecasterProgress& progress) {
        return watch({progress.stage, progress.done, progress.all});
      });
  TrainingReply reply{.stopped = training.stopped};
  reply.curve.columns = {"epoch", "training loss", "validation loss"};
  for (std::size_t i = 0; i < training.epochs.size(); ++i) {
    const TrainingEpoch& epoch = training.epochs[i];
    reply.curve.rows.push_back(
        {static_cast<double>(i + 1), epoch.training_loss, epoch.validation_loss});
  }
  reply.summary = "best epoch " + std::to_string(training.best_epoch) + " of " +
                  std::to_string(training.epochs.size());
  return reply;
}

const std::map<std::string, Train>& kinds() {
  static const std::map<std::string, Train> all{{"control", teach_control},
                                                {"forecaster", forecaster}};
  return all;
}

TrainingReply train(const TrainingRequest& request, const TrainingWatch& watch) {
  const auto kind = kinds().find(request.kind);
  if (kind != kinds().end()) return kind->second(request, watch);
  std::string known;
  for (const auto& [name, call] : kinds()) known += name + ", ";
  throw Error("weir train does not know what to train",
              request.kind.empty() ? "no kind of weights" : "'" + request.kind + "'",
              "one of " + known + "scorer", "weir train scorer");
}

}  // namespace
}  // namespace weir

// No exception passes between the module and the program.
extern "C" __attribute__((visibility("default"))) void weir_train_1(
    const weir::TrainingRequest& request, const weir::TrainingWatch& watch,
    weir::TrainingReply& reply) {
  try {
    reply = weir::train(request, watch);
  } catch (const weir::Error& error) {
    reply.refusal = error;
  } catch (const std::exception& error) {
    reply.failure = error.what();
  }
}
