// What learning while a run goes on costs: a fit, on a thread of its own, and what the control
// thread of a coordinator does with a second's samples.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "ml/training/estimator/delayed_estimator_trainer.hpp"
#include "ml/training/estimator/refit_service_estimator.hpp"
#include "runtime/base/random.hpp"
#include "runtime/control/online_learner.hpp"

namespace weir {
namespace {

// Tasks that take half as long again as told.
std::vector<ServiceSample> samples_of(std::size_t count) {
  Random random(1);
  std::vector<ServiceSample> samples(count);
  for (ServiceSample& sample : samples) {
    for (float& feature : sample.features) feature = static_cast<float>(random.uniform() - 0.5);
    sample.ratio = static_cast<float>(random.exponential(1.5));
  }
  return samples;
}

void fit_further(benchmark::State& state) {
  const ServiceEstimator shipped = service_estimator_of("");
  const auto samples = samples_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(refitted(shipped, samples));
}

// Eight homes' samples of a second, while a candidate is tried and weights before are watched.
void try_on_a_second(benchmark::State& state) {
  DelayedEstimatorTrainer trainer;
  OnlineLearner learner(service_estimator_of(""), trainer);
  const auto samples = samples_of(8 * 256);
  Instant now{};
  const auto pass_second = [&] {
    now += std::chrono::seconds(1);
    learner.add(samples, now);
    return learner.look(now);
  };
  while (learner.version() == 0) pass_second();
  for (auto _ : state) {
    state.PauseTiming();
    now += std::chrono::seconds(1);
    state.ResumeTiming();
    learner.add(samples, now);
  }
}

BENCHMARK(fit_further)->Arg(2'000)->Arg(40'000)->Unit(benchmark::kMillisecond);
BENCHMARK(try_on_a_second)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
