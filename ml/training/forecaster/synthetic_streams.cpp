#include "ml/training/forecaster/synthetic_streams.hpp"

#include <array>
#include <cmath>
#include <string_view>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

// The presets of each kind, in turn. iot:phones is left out: what no training has seen is for
// evaluation.
const std::array<std::vector<std::string_view>, kStreamKinds.size()>& presets_of_kinds() {
  static const std::array<std::vector<std::string_view>, kStreamKinds.size()> presets{
      {{"finance:hawkes", "finance:opening", "finance"}, {"social:crowds", "social"}, {"iot"}}};
  return presets;
}

double between(Random& random, double least, double most) {
  return least + (most - least) * random.uniform();
}

double log_between(Random& random, double least, double most) {
  return least * std::pow(most / least, random.uniform());
}

// Hawkes processes of one and two terms, clustered or not.
FinanceOptions drawn_finance(Random& random) {
  FinanceOptions shape;
  const double branching = between(random, 0.2, 0.9);
  const double slow_share = random.uniform();
  shape.excitation = {{branching * slow_share, log_between(random, 0.1, 5)},
                      {branching * (1 - slow_share), log_between(random, 5, 100)}};
  shape.max_cluster = random.uniform() < 0.5 ? 1 : 100;
  shape.regular_depth = random.uniform() < 0.5;
  shape.opening_factor = random.uniform() < 0.3 ? between(random, 1, 5) : 1;
  return shape;
}

// A third of them runs at the speed of life, where a day is too long to be seen.
SocialOptions drawn_social(Random& random) {
  SocialOptions shape;
  shape.day_s = log_between(random, 300, 3000);
  shape.day_amplitude = between(random, 0, 0.6);
  if (random.uniform() < 1.0 / 3) {
    shape.day_s = 86'400;
    shape.day_amplitude = 0;
  }
  shape.burst_factor = random.uniform() < 0.5 ? 1 : between(random, 1.2, 4);
  shape.burst_length_s = between(random, 1, 8);
  shape.crowd_factor = between(random, 1.2, 4);
  shape.crowd_interval_s = log_between(random, 60, 1000);
  shape.crowd_decay_s = between(random, 5, 60);
  shape.announced_lead_s = between(random, 10, 60);
  return shape;
}

// Two groups of sensors, over a network or not.
IotOptions drawn_iot(Random& random) {
  static constexpr std::array<double, 8> kPeriods_s{0.5, 1, 2, 4, 5, 10, 30, 60};
  const auto period = [&random] { return kPeriods_s[random.below(kPeriods_s.size())]; };
  IotOptions shape;
  const double share = random.uniform();
  shape.groups = {{period(), share}, {period(), 1 - share}};
  shape.jitter = log_between(random, 0.005, 0.4);
  shape.in_step_share = random.uniform() < 0.3 ? 0 : between(random, 0, 0.6);
  shape.delay_mean_s = random.uniform() < 0.5 ? 0 : log_between(random, 0.02, 1);
  return shape;
}

void draw_shape(std::size_t kind, Random& random, StreamOptions& options) {
  if (kStreamKinds[kind] == "finance") options.finance = drawn_finance(random);
  if (kStreamKinds[kind] == "social") options.social = drawn_social(random);
  if (kStreamKinds[kind] == "iot") options.iot = drawn_iot(random);
}

// `number` counts the streams of this kind.
BinnedStream synthetic_stream(std::size_t kind, std::size_t number, std::uint64_t seed,
                              const SyntheticOptions& synthetic) {
  const auto& presets = presets_of_kinds()[kind];
  Random random(seed, 0xf0);
  StreamOptions options;
  options.rate_per_s = log_between(random, synthetic.least_rate_per_s, synthetic.most_rate_per_s);
  options.duration = static_cast<Duration::rep>(synthetic.bin_count + 1) * kForecastBin;
  options.seed = seed;
  if (number % 2 == 1) draw_shape(kind, random, options);
  BinnedStream result{.kind = kind, .bins = {}};
  if (kStreamKinds[kind] == "social") {
    result.day_s = options.social.value_or(SocialOptions{}).day_s;
  }
  const auto stream = make_stream(presets[number / 2 % presets.size()], options);
  result.bins = bins_of(*stream, synthetic.bin_count);
  // A stream whose last bins are empty ends early.
  result.bins.resize(synthetic.bin_count);
  return result;
}

}  // namespace

std::vector<BinnedStream> synthetic_streams(const SyntheticOptions& options,
                                            const std::function<bool(int, int)>& on_stream) {
  const std::size_t all = options.per_kind * kStreamKinds.size();
  std::vector<BinnedStream> streams;
  for (std::size_t i = 0; i < all; ++i) {
    const std::size_t kind = i % kStreamKinds.size();
    const std::size_t number = i / kStreamKinds.size();
    streams.push_back(synthetic_stream(kind, number, options.first_seed + i, options));
    if (on_stream && !on_stream(static_cast<int>(streams.size()), static_cast<int>(all))) break;
  }
  return streams;
}

}  // namespace weir
