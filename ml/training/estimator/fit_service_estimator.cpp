#include "ml/training/estimator/fit_service_estimator.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr std::size_t kHidden = ServiceEstimator::kHidden;
// As DenseNetwork has them: hidden weights, hidden biases, output weights, output bias.
constexpr std::size_t kHiddenBiases = kServiceFeatures * kHidden;
constexpr std::size_t kOutputWeights = kHiddenBiases + kHidden;
constexpr std::size_t kOutputBias = kOutputWeights + kHidden;
constexpr std::size_t kParameters = kOutputBias + 1;
using Gradient = std::array<float, kParameters>;

// Of one sample it pulls no harder than this towards longer services.
constexpr float kMostPull = 50;

struct Output {
  std::array<float, kHidden> hidden{};
  float value = 0;
};

Output forward(std::span<const float> parameters, const ServiceFeatures& features) {
  Output out;
  out.value = parameters[kOutputBias];
  for (std::size_t unit = 0; unit < kHidden; ++unit) {
    float sum = parameters[kHiddenBiases + unit];
    for (std::size_t i = 0; i < kServiceFeatures; ++i) {
      sum += parameters[unit * kServiceFeatures + i] * features[i];
    }
    out.hidden[unit] = std::max(0.0F, sum);
    out.value += parameters[kOutputWeights + unit] * out.hidden[unit];
  }
  return out;
}

// Adds the gradient of the loss by all parameters, given that by the output.
void backward(std::span<const float> parameters, const ServiceFeatures& features,
              const Output& output, float by_output, Gradient& gradient) {
  gradient[kOutputBias] += by_output;
  for (std::size_t unit = 0; unit < kHidden; ++unit) {
    gradient[kOutputWeights + unit] += by_output * output.hidden[unit];
    if (output.hidden[unit] <= 0) continue;
    const float by_hidden = by_output * parameters[kOutputWeights + unit];
    gradient[kHiddenBiases + unit] += by_hidden;
    for (std::size_t i = 0; i < kServiceFeatures; ++i) {
      gradient[unit * kServiceFeatures + i] += by_hidden * features[i];
    }
  }
}

class Adam {
 public:
  explicit Adam(double learning_rate) : learning_rate_(learning_rate) {}

  void step(std::span<float> parameters, const Gradient& gradient) {
    first_power_ *= kFirst;
    second_power_ *= kSecond;
    for (std::size_t i = 0; i < kParameters; ++i) {
      const double slope = gradient[i];
      first_[i] = kFirst * first_[i] + (1 - kFirst) * slope;
      second_[i] = kSecond * second_[i] + (1 - kSecond) * slope * slope;
      const double mean = first_[i] / (1 - first_power_);
      const double deviation = std::sqrt(second_[i] / (1 - second_power_));
      parameters[i] -= static_cast<float>(learning_rate_ * mean / (deviation + kSmall));
    }
  }

 private:
  static constexpr double kFirst = 0.9;
  static constexpr double kSecond = 0.999;
  static constexpr double kSmall = 1e-8;

  double learning_rate_;
  double first_power_ = 1;
  double second_power_ = 1;
  std::array<double, kParameters> first_{};
  std::array<double, kParameters> second_{};
};

ServiceFitEpoch one_epoch(std::span<float> parameters, std::span<const ServiceSample> samples,
                          const ServiceFitOptions& options, Adam& adam) {
  ServiceFitEpoch epoch;
  const std::size_t batches = samples.size() / options.batch_size;
  for (std::size_t batch = 0; batch < batches; ++batch) {
    Gradient gradient{};
    for (const ServiceSample& sample :
         samples.subspan(batch * options.batch_size, options.batch_size)) {
      const Output output = forward(parameters, sample.features);
      const float ratio = std::min(sample.ratio, options.most_ratio);
      const float scaled = ratio * std::exp(-output.value);
      epoch.loss += output.value + scaled;
      epoch.told_loss += ratio;
      const float by_output = std::max(-kMostPull, 1 - scaled);
      backward(parameters, sample.features, output,
               by_output / static_cast<float>(options.batch_size), gradient);
    }
    adam.step(parameters, gradient);
  }
  const auto count = static_cast<double>(batches * options.batch_size);
  return {epoch.loss / count, epoch.told_loss / count};
}

}  // namespace

ServiceFitEpoch loss_of(ServiceEstimator& estimator, std::span<const ServiceSample> samples,
                        float most_ratio) {
  WEIR_CHECK(!samples.empty(), "no samples");
  ServiceFitEpoch sum;
  for (const ServiceSample& sample : samples) {
    float correction = 0;
    estimator.evaluate({&sample.features, 1}, {&correction, 1});
    const double ratio = std::min(sample.ratio, most_ratio);
    sum.loss += correction + ratio * std::exp(-correction);
    sum.told_loss += ratio;
  }
  const auto count = static_cast<double>(samples.size());
  return {sum.loss / count, sum.told_loss / count};
}

std::vector<ServiceFitEpoch> fit_service_estimator(
    ServiceEstimator& estimator, std::vector<ServiceSample> samples,
    const ServiceFitOptions& options, const std::function<bool(const ServiceFitEpoch&)>& on_epoch) {
  WEIR_CHECK(options.batch_size > 0 && samples.size() >= options.batch_size,
             "fewer samples than a batch");
  const std::span<float> parameters = estimator.network().parameters();
  WEIR_CHECK(parameters.size() == kParameters, "another network");
  SeenFeatures seen(samples.front().features);
  for (const ServiceSample& sample : samples) seen.add(sample.features);
  estimator.set_seen(seen);
  Random random(options.seed);
  Adam adam(options.learning_rate);
  std::vector<ServiceFitEpoch> epochs;
  for (int i = 0; i < options.epochs; ++i) {
    for (std::size_t left = samples.size(); left > 1; --left) {
      std::swap(samples[left - 1], samples[random.below(left)]);
    }
    epochs.push_back(one_epoch(parameters, samples, options, adam));
    if (on_epoch && !on_epoch(epochs.back())) break;
  }
  return epochs;
}

}  // namespace weir
