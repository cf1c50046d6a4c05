#include "ml/training/forecaster/forecaster_trainer.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>
#include <utility>

#include "ml/inference/lstm_forecaster.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/random.hpp"
#include "runtime/record/replace_record.hpp"

namespace weir {
namespace {

class Network : public torch::nn::Module {
 public:
  explicit Network(int hidden_count)
      : lstm(register_module(
            "lstm", torch::nn::LSTM(torch::nn::LSTMOptions(kForecastInputCount, hidden_count)
                                        .num_layers(static_cast<std::int64_t>(kLstmLayers))))),
        state_head(
            register_module("state_head", torch::nn::Linear(hidden_count, kForecastOutputCount))),
        input_head(register_module(
            "input_head",
            torch::nn::Linear(
                torch::nn::LinearOptions(kForecastInputCount, kForecastOutputCount).bias(false)))) {
    const torch::NoGradGuard no_gradient;
    // Starts with an open forget gate (Gers, Schmidhuber and Cummins 2000), and with the answer of
    // the naive forecast.
    for (auto& item : lstm->named_parameters()) {
      if (item.key().rfind("bias_ih", 0) == 0) {
        item.value().slice(0, hidden_count, 2 * hidden_count).fill_(1);
      }
    }
    input_head->weight.zero_();
  }

  using State = std::tuple<torch::Tensor, torch::Tensor>;

  // `inputs`: bins x series x kForecastInputCount. Takes the state on.
  torch::Tensor forward(const torch::Tensor& inputs, State& state) {
    auto [memory, after] = lstm->forward(inputs, state);
    state = std::move(after);
    return state_head->forward(memory) + input_head->forward(inputs);
  }

  State zero_state(std::int64_t series_count) const {
    const auto zeros = [&] {
      return torch::zeros(
          {static_cast<std::int64_t>(kLstmLayers), series_count, lstm->options.hidden_size()});
    };
    return {zeros(), zeros()};
  }

  torch::nn::LSTM lstm;
  torch::nn::Linear state_head;
  torch::nn::Linear input_head;
};

// As quantiles_of() in ml/inference: the median, and positive distances down and up from it.
torch::Tensor ordered_quantiles(const torch::Tensor& outputs) {
  const auto shape = outputs.sizes();
  const torch::Tensor parts =
      outputs.view({shape[0], shape[1], static_cast<std::int64_t>(kHorizonCount),
                    static_cast<std::int64_t>(kQuantileCount)});
  const torch::Tensor median = parts.slice(3, 0, 1);
  const torch::Tensor distances = torch::softplus(parts.slice(3, 1));
  const torch::Tensor below = median - distances.slice(3, 0, 1);
  const torch::Tensor above = median + distances.slice(3, 1).cumsum(3);
  return torch::cat({below, median, above}, 3);
}

// Bins x series x ...; all series side by side.
struct Batch {
  torch::Tensor inputs;
  torch::Tensor targets;
  torch::Tensor known;

  Batch window(std::int64_t begin, std::int64_t end) const {
    return {inputs.slice(0, begin, end), targets.slice(0, begin, end), known.slice(0, begin, end)};
  }
  Batch chosen(const torch::Tensor& series) const {
    return {inputs.index_select(1, series), targets.index_select(1, series),
            known.index_select(1, series)};
  }
};

Batch batch_of(const std::vector<TrainingSeries>& all) {
  WEIR_CHECK(!all.empty(), "no series to learn from");
  const auto tensor = [&](std::vector<float> TrainingSeries::*part, std::size_t width) {
    std::vector<torch::Tensor> series;
    for (const TrainingSeries& each : all) {
      WEIR_CHECK(each.bin_count == all.front().bin_count, "series of different lengths");
      series.push_back(torch::tensor(each.*part)
                           .view({static_cast<std::int64_t>(each.bin_count), 1,
                                  static_cast<std::int64_t>(width)}));
    }
    return torch::cat(series, 1).contiguous();
  };
  return {tensor(&TrainingSeries::inputs, kForecastInputCount),
          tensor(&TrainingSeries::targets, kHorizonCount),
          tensor(&TrainingSeries::known, kHorizonCount)};
}

// Sum of the pinball losses of what is known, the mean over the quantiles each.
torch::Tensor summed_loss(const torch::Tensor& outputs, const Batch& batch) {
  const torch::Tensor levels =
      torch::tensor(std::vector<float>(kQuantiles.begin(), kQuantiles.end()));
  const torch::Tensor above = batch.targets.unsqueeze(3) - ordered_quantiles(outputs);
  const torch::Tensor losses = torch::maximum(levels * above, (levels - 1) * above).mean(3);
  return (losses * batch.known).sum();
}

std::vector<torch::Tensor> copies_of(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> copies;
  for (const torch::Tensor& tensor : tensors) copies.push_back(tensor.detach().clone());
  return copies;
}

// [first, second, ...] of the numbers below `count`, shuffled.
std::vector<std::int64_t> shuffled(std::size_t count, Random random) {
  std::vector<std::int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

weir::Tensor stored(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().contiguous();
  weir::Tensor result;
  for (const std::int64_t size : flat.sizes()) {
    result.shape.push_back(static_cast<std::size_t>(size));
  }
  result.values.assign(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
  return result;
}

[[noreturn]] void refuse_checkpoint(const std::filesystem::path& path, const std::string& found,
                                    const char* doing) {
  throw Error(std::string("the checkpoint cannot be ") + doing, path.string() + ": " + found,
              "a checkpoint of the same training", "training without --resume");
}

// Each into a tensor of its own: read into one that exists, numbers would be taken for its type.
torch::Tensor tensor_in(torch::serialize::InputArchive& archive, const std::string& name) {
  torch::Tensor tensor;
  archive.read(name, tensor);
  return tensor;
}

// No loss is below one that is not a number: as the first it would stay the best.
void require_finite(const TrainingEpoch& epoch, std::size_t number) {
  if (std::isfinite(epoch.training_loss) && std::isfinite(epoch.validation_loss)) return;
  throw Error("the training has diverged",
              "training loss " + std::to_string(epoch.training_loss) + ", validation loss " +
                  std::to_string(epoch.validation_loss) + " in epoch " + std::to_string(number),
              "losses that are finite", "another seed; what was written before is as it was");
}

}  // namespace

class ForecasterTrainer::Learning {
 public:
  Learning(const ForecasterTrainingOptions& options, const std::vector<TrainingSeries>& training,
           const std::vector<TrainingSeries>& validation)
      : options_((start(options), options)),
        network_(options.hidden_count),
        adam_(network_.parameters(), torch::optim::AdamOptions(options.learning_rate)),
        training_(batch_of(training)),
        validation_(batch_of(validation)),
        best_(copies_of(network_.parameters())) {
    WEIR_CHECK(training_.inputs.size(0) >= 2 * options.window_bins, "series below two windows");
  }

  TrainingEpoch train_epoch() {
    set_learning_rate();
    const auto series_count = static_cast<std::size_t>(training_.inputs.size(1));
    const auto order = shuffled(series_count, Random(options_.seed, epochs_.size()));
    double loss = 0;
    double known = 0;
    for (std::size_t begin = 0; begin < series_count; begin += options_.batch_size) {
      const std::size_t end = std::min(begin + options_.batch_size, series_count);
      const std::vector<std::int64_t> chosen(order.begin() + static_cast<std::ptrdiff_t>(begin),
                                             order.begin() + static_cast<std::ptrdiff_t>(end));
      learn_batch(training_.chosen(torch::tensor(chosen)), loss, known);
    }
    const TrainingEpoch epoch{.training_loss = loss / known, .validation_loss = validation_loss()};
    require_finite(epoch, epochs_.size() + 1);
    epochs_.push_back(epoch);
    if (best_epoch_ == 0 || epochs_.back().validation_loss < best_loss_) {
      best_loss_ = epochs_.back().validation_loss;
      best_epoch_ = static_cast<int>(epochs_.size());
      best_ = copies_of(network_.parameters());
    }
    return epochs_.back();
  }

  bool finished() const {
    const int done = static_cast<int>(epochs_.size());
    return done >= options_.max_epochs || done - best_epoch_ >= options_.patience_epochs;
  }
  const std::vector<TrainingEpoch>& epochs() const { return epochs_; }
  int best_epoch() const { return best_epoch_; }

  // The order of parameters() is that of registration: weights and biases of both LSTM layers, the
  // head.
  WeightFile best_weights() const {
    WeightFile weights{.kind = std::string(kForecasterKind), .schema = kForecasterSchema};
    for (std::size_t layer = 0; layer < kLstmLayers; ++layer) {
      const std::string prefix = "lstm." + std::to_string(layer) + ".";
      weights.tensors[prefix + "input"] = stored(best_[4 * layer]);
      weights.tensors[prefix + "hidden"] = stored(best_[4 * layer + 1]);
      weights.tensors[prefix + "bias"] = stored(best_[4 * layer + 2] + best_[4 * layer + 3]);
    }
    weights.tensors["head.state"] = stored(best_[4 * kLstmLayers]);
    weights.tensors["head.bias"] = stored(best_[4 * kLstmLayers + 1]);
    weights.tensors["head.input"] = stored(best_[4 * kLstmLayers + 2]);
    return weights;
  }

  // Throws c10::Error when it cannot be written.
  // False when not all of it could be written.
  bool save(const std::filesystem::path& path) const;
  void load(const std::filesystem::path& path);
  void require_sound(const std::filesystem::path& path) const;

  std::vector<float> evaluate_best(const TrainingSeries& series) const {
    const torch::NoGradGuard no_gradient;
    Network best(options_.hidden_count);
    const auto parameters = best.parameters();
    for (std::size_t i = 0; i < best_.size(); ++i) parameters[i].copy_(best_[i]);
    const Batch batch = batch_of({series});
    auto state = best.zero_state(1);
    return stored(best.forward(batch.inputs, state)).values;
  }

 private:
  // Before the network draws its first weights.
  static void start(const ForecasterTrainingOptions& options) {
    WEIR_CHECK(options.hidden_count > 0 && options.window_bins > 0 && options.batch_size > 0,
               "options of no training");
    torch::set_num_threads(1);
    torch::manual_seed(options.seed);
  }

  // What a checkpoint must agree in: LibTorch itself loads tensors of any shape.
  torch::Tensor fingerprint() const {
    return torch::tensor(std::vector<std::int64_t>{
        options_.hidden_count, options_.window_bins, static_cast<std::int64_t>(options_.batch_size),
        static_cast<std::int64_t>(options_.seed), kForecasterSchema, training_.inputs.size(0),
        training_.inputs.size(1)});
  }

  void set_learning_rate() {
    const double rate = options_.learning_rate *
                        std::pow(options_.learning_rate_decay, static_cast<double>(epochs_.size()));
    for (auto& group : adam_.param_groups()) {
      static_cast<torch::optim::AdamOptions&>(group.options()).lr(rate);
    }
  }

  // Calls `use` with each window of the batch and what the network answers to it.
  template <typename Use>
  void for_each_window(const Batch& batch, const Use& use) {
    auto state = network_.zero_state(batch.inputs.size(1));
    for (std::int64_t begin = 0; begin < batch.inputs.size(0); begin += options_.window_bins) {
      const std::int64_t end = std::min(begin + options_.window_bins, batch.inputs.size(0));
      const Batch window = batch.window(begin, end);
      const torch::Tensor outputs = network_.forward(window.inputs, state);
      state = {std::get<0>(state).detach(), std::get<1>(state).detach()};
      use(window, outputs);
    }
  }

  void learn_batch(const Batch& batch, double& loss_sum, double& known_sum) {
    for_each_window(batch, [&](const Batch& window, const torch::Tensor& outputs) {
      const double known = window.known.sum().item<double>();
      if (known == 0) return;
      const torch::Tensor loss = summed_loss(outputs, window);
      adam_.zero_grad();
      (loss / known).backward();
      torch::nn::utils::clip_grad_norm_(network_.parameters(), options_.max_gradient_norm);
      adam_.step();
      loss_sum += loss.item<double>();
      known_sum += known;
    });
  }

  double validation_loss() {
    const torch::NoGradGuard no_gradient;
    double loss = 0;
    for_each_window(validation_, [&](const Batch& window, const torch::Tensor& outputs) {
      loss += summed_loss(outputs, window).item<double>();
    });
    return loss / validation_.known.sum().item<double>();
  }

  ForecasterTrainingOptions options_;
  Network network_;
  torch::optim::Adam adam_;
  Batch training_;
  Batch validation_;
  std::vector<torch::Tensor> best_;
  double best_loss_ = std::numeric_limits<double>::infinity();
  int best_epoch_ = 0;
  std::vector<TrainingEpoch> epochs_;
};

bool ForecasterTrainer::Learning::save(const std::filesystem::path& path) const {
  std::vector<double> curve;
  for (const TrainingEpoch& epoch : epochs_) {
    curve.insert(curve.end(), {epoch.training_loss, epoch.validation_loss});
  }
  torch::serialize::OutputArchive archive;
  torch::serialize::OutputArchive network;
  network_.save(network);
  archive.write("network", network);
  torch::serialize::OutputArchive adam;
  adam_.save(adam);
  archive.write("adam", adam);
  for (std::size_t i = 0; i < best_.size(); ++i) {
    archive.write("best." + std::to_string(i), best_[i]);
  }
  archive.write("training", fingerprint());
  archive.write("best_loss", torch::tensor(best_loss_, torch::kDouble));
  archive.write("best_epoch", torch::tensor(std::int64_t{best_epoch_}));
  archive.write("curve", torch::tensor(curve, torch::kDouble));
  // Through memory: LibTorch's own writer of files ends the process when the disk is full.
  std::ostringstream bytes;
  archive.save_to(bytes);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes.str();
  return static_cast<bool>(file.flush());
}

void ForecasterTrainer::Learning::load(const std::filesystem::path& path) {
  try {
    torch::serialize::InputArchive archive;
    archive.load_from(path.string());
    torch::Tensor training;
    archive.read("training", training);
    if (!training.equal(fingerprint())) {
      refuse_checkpoint(path, "other options, seed or data", "used");
    }
    torch::serialize::InputArchive network;
    archive.read("network", network);
    network_.load(network);
    torch::serialize::InputArchive adam;
    archive.read("adam", adam);
    adam_.load(adam);
    for (std::size_t i = 0; i < best_.size(); ++i) {
      archive.read("best." + std::to_string(i), best_[i]);
    }
    best_loss_ = tensor_in(archive, "best_loss").item<double>();
    best_epoch_ = static_cast<int>(tensor_in(archive, "best_epoch").item<std::int64_t>());
    const torch::Tensor curve = tensor_in(archive, "curve");
    epochs_.clear();
    for (std::int64_t i = 0; i + 1 < curve.numel(); i += 2) {
      epochs_.push_back({curve[i].item<double>(), curve[i + 1].item<double>()});
    }
  } catch (const Error&) {
    throw;
  } catch (const c10::Error& error) {
    refuse_checkpoint(path, error.what_without_backtrace(), "read");
  } catch (const std::exception& error) {
    refuse_checkpoint(path, error.what(), "read");
  }
  require_sound(path);
}

// What flipped bits would make of it: a best epoch that never was, weights that are no numbers.
void ForecasterTrainer::Learning::require_sound(const std::filesystem::path& path) const {
  const bool has_best =
      best_epoch_ >= 1 && best_epoch_ <= static_cast<int>(epochs_.size()) &&
      epochs_[static_cast<std::size_t>(best_epoch_ - 1)].validation_loss == best_loss_;
  const bool has_none = epochs_.empty() && best_epoch_ == 0;
  if (!has_best && !has_none) refuse_checkpoint(path, "epochs that do not fit together", "used");
  for (const auto& tensors : {network_.parameters(), best_}) {
    for (const torch::Tensor& tensor : tensors) {
      if (tensor.isfinite().all().item<bool>()) continue;
      refuse_checkpoint(path, "weights that are not finite", "used");
    }
  }
}

ForecasterTrainer::ForecasterTrainer(const ForecasterTrainingOptions& options,
                                     const std::vector<TrainingSeries>& training,
                                     const std::vector<TrainingSeries>& validation)
    : learning_(std::make_unique<Learning>(options, training, validation)) {}

ForecasterTrainer::~ForecasterTrainer() = default;

TrainingEpoch ForecasterTrainer::train_epoch() { return learning_->train_epoch(); }
bool ForecasterTrainer::finished() const { return learning_->finished(); }
const std::vector<TrainingEpoch>& ForecasterTrainer::epochs() const { return learning_->epochs(); }
int ForecasterTrainer::best_epoch() const { return learning_->best_epoch(); }
WeightFile ForecasterTrainer::best_weights() const { return learning_->best_weights(); }

void ForecasterTrainer::save_checkpoint(const std::filesystem::path& path) const {
  replace_record(path, "the checkpoint", [&](const std::filesystem::path& unfinished) {
    try {
      if (learning_->save(unfinished)) return RecordOutcome{};
      return RecordOutcome{.failure = "no room for all of it"};
    } catch (const c10::Error& error) {
      return RecordOutcome{.failure = error.what_without_backtrace()};
    }
  });
}

void ForecasterTrainer::load_checkpoint(const std::filesystem::path& path) {
  learning_->load(path);
}

std::vector<float> ForecasterTrainer::evaluate_best(const TrainingSeries& series) const {
  return learning_->evaluate_best(series);
}

}  // namespace weir
