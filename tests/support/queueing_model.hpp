// Mean responses of simulated queues over ten seeds, to be held against closed forms.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "runtime/sim/simulation.hpp"
#include "tests/support/poisson_source.hpp"

namespace weir {

// One dispatcher that knows everything at once, no network, and a mean work of 1 ms: the unit of
// all times below, so that rates are in tasks per mean work.
struct QueueingModel {
  std::string name;
  std::string nodes;  // as --emulate takes them, without work_ms
  double rate = 1;
  std::string policy = "round_robin";
  std::uint64_t tasks = 100'000;  // of each seed
  double share_skipped = 0.05;    // of the tasks, at the begin
  double work_ms = 1;
};
inline void PrintTo(const QueueingModel& model, std::ostream* out) { *out << model.name; }

inline SimulationOptions world_of(const QueueingModel& model, std::uint64_t seed) {
  SimulationOptions options;
  options.nodes = EmulationSpec::parse(model.nodes);
  options.nodes.mean_work_s = model.work_ms / 1000;
  options.policy = model.policy;
  options.seed = seed;
  options.network = {.latency = Duration(0), .bytes_per_s = 0};
  options.most_drift = 0;
  return options;
}

// Responses in the order of the tasks.
class ResponseList final : public SimulationSink {
 public:
  explicit ResponseList(const QueueingModel& model)
      : mean_work_s_(model.work_ms / 1000), responses_(model.tasks) {}
  void on_completed(const CompletedTask& task, SimTime) override {
    responses_[index_of(task.header.id)] = to_seconds(task.response) / mean_work_s_;
    ++completed_;
  }
  const std::vector<double>& responses() const { return responses_; }
  std::uint64_t completed() const { return completed_; }

 private:
  double mean_work_s_;
  std::vector<double> responses_;
  std::uint64_t completed_ = 0;
};

using SourceOfSeed = std::function<std::unique_ptr<TaskSource>(std::uint64_t seed, Instant start)>;

inline SourceOfSeed poisson_tasks(const QueueingModel& model) {
  return [model](std::uint64_t seed, Instant start) {
    return std::make_unique<PoissonSource>(
        PoissonArrivals{
            .rate_per_s = 1000 * model.rate / model.work_ms, .count = model.tasks, .seed = seed},
        start);
  };
}

// All responses after the skipped ones.
inline std::vector<double> responses_of(const QueueingModel& model, std::uint64_t seed,
                                        const SourceOfSeed& make_source) {
  ResponseList sink(model);
  Simulation world(
      world_of(model, seed), [&](RankId, Instant start) { return make_source(seed, start); }, sink);
  world.run();
  EXPECT_EQ(sink.completed(), model.tasks) << "seed " << seed;
  const auto skipped =
      static_cast<std::ptrdiff_t>(model.share_skipped * static_cast<double>(model.tasks));
  return {sink.responses().begin() + skipped, sink.responses().end()};
}

inline double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

inline double quantile_of(std::vector<double> values, double q) {
  const auto place =
      values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, place);
  return *place;
}

struct Estimate {
  double mean = 0;
  double standard_error = 0;
};

// `statistic` of each of ten seeds.
inline Estimate over_ten_seeds(const std::function<double(std::uint64_t seed)>& statistic) {
  constexpr int kSeeds = 10;
  std::vector<double> values;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) values.push_back(statistic(seed));
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / (kSeeds - 1) / kSeeds)};
}

inline Estimate mean_response_of(const QueueingModel& model, const SourceOfSeed& make_source) {
  return over_ten_seeds(
      [&](std::uint64_t seed) { return mean_of(responses_of(model, seed, make_source)); });
}
inline Estimate mean_response_of(const QueueingModel& model) {
  return mean_response_of(model, poisson_tasks(model));
}

// The error is within the larger of 1 % and four standard errors, and those are small enough for
// that to mean something: `most_error` relative to the expected value.
inline void expect_agreement(const Estimate& found, double expected, double most_error = 0.01) {
  EXPECT_LE(found.standard_error, most_error * expected);
  EXPECT_NEAR(found.mean, expected, std::max(0.01 * expected, 4 * found.standard_error));
}

}  // namespace weir
