#include "runtime/exec/service_model.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace weir {
namespace {

constexpr std::uint64_t kSeed = 20;

TaskHeader task_of_class(std::uint8_t task_class, std::uint64_t id = 1) {
  TaskHeader header;
  header.id = TaskId(id);
  header.task_class = ClassId(task_class);
  return header;
}

Instant at_seconds(double seconds) { return Instant(from_seconds(seconds)); }

struct Moments {
  double mean = 0;
  double c2 = 0;
  double fourth = 0;  // central moment over variance squared: for the error of the variance
};

Moments moments(const EmulationSpec::Size& size, std::uint64_t count) {
  double sum = 0, squares = 0;
  std::vector<double> values;
  for (std::uint64_t id = 0; id < count; ++id) {
    values.push_back(task_size(size, kSeed, TaskId(id)));
    sum += values.back();
  }
  const double n = static_cast<double>(count);
  const double mean = sum / n;
  double fourth = 0;
  for (const double value : values) {
    squares += (value - mean) * (value - mean);
    fourth += std::pow(value - mean, 4);
  }
  const double variance = squares / n;
  return {mean, variance / (mean * mean), fourth / n / (variance * variance)};
}

// Four standard errors, the fourth moment measured on the same sample.
void expect_mean_and_c2(const EmulationSpec::Size& size, double c2, std::uint64_t count) {
  const Moments found = moments(size, count);
  const double n = static_cast<double>(count);
  EXPECT_NEAR(found.mean, 1, 4 * std::sqrt(c2 / n));
  EXPECT_NEAR(found.c2, c2, 4 * c2 * (std::sqrt((found.fourth - 1) / n) + 2 * std::sqrt(c2 / n)));
}

TEST(TaskSize, IsTheSameForTheSameTaskAndSeedOnly) {
  const EmulationSpec::Size size;
  EXPECT_EQ(task_size(size, 1, TaskId(7)), task_size(size, 1, TaskId(7)));
  EXPECT_NE(task_size(size, 1, TaskId(7)), task_size(size, 2, TaskId(7)));
  EXPECT_NE(task_size(size, 1, TaskId(7)), task_size(size, 1, TaskId(8)));
}

TEST(TaskSize, DeterministicIsOne) {
  EXPECT_EQ(task_size({.distribution = SizeDistribution::kDeterministic}, 3, TaskId(9)), 1);
}

TEST(TaskSize, ExponentialHasMeanOneAndC2One) {
  expect_mean_and_c2({.distribution = SizeDistribution::kExponential}, 1, 200000);
}

TEST(TaskSize, HyperexponentialHasMeanOneAndTheC2AskedFor) {
  expect_mean_and_c2({.distribution = SizeDistribution::kHyperexponential, .c2 = 4}, 4, 200000);
  expect_mean_and_c2({.distribution = SizeDistribution::kHyperexponential, .c2 = 10}, 10, 200000);
}

TEST(TaskSize, BoundedParetoHasMeanOneAndItsClosedFormC2) {
  // 1.5 and 1000 give C2 = 9.88.
  expect_mean_and_c2({.distribution = SizeDistribution::kBoundedPareto}, 9.88, 400000);
}

TEST(TaskSize, BoundedParetoStaysWithinItsRatio) {
  const EmulationSpec::Size size{
      .distribution = SizeDistribution::kBoundedPareto, .alpha = 1, .ratio = 20};
  double least = 1e9, most = 0, sum = 0;
  for (std::uint64_t id = 0; id < 50000; ++id) {
    const double value = task_size(size, kSeed, TaskId(id));
    least = std::min(least, value);
    most = std::max(most, value);
    sum += value;
  }
  EXPECT_LE(most / least, 20.0001);
  EXPECT_GT(most / least, 19);
  EXPECT_NEAR(sum / 50000, 1, 0.02);
}

TEST(ServiceModel, DividesWorkBySpeedAndMultipliesByTheSlowDownOfClassAndType) {
  const auto spec =
      EmulationSpec::parse("nodes=4x0.5,4x2;work_ms=10;size=deterministic;affinity=1/1,1.6/0.5");
  ServiceModel slow(spec, 0, kSeed), fast(spec, 1, kSeed);
  EXPECT_EQ(slow.cores(), 4);
  EXPECT_EQ(slow.service(task_of_class(0), at_seconds(0), {}), std::chrono::milliseconds(20));
  EXPECT_EQ(slow.service(task_of_class(1), at_seconds(0), {}), std::chrono::milliseconds(32));
  EXPECT_EQ(slow.service(task_of_class(2), at_seconds(0), {}), std::chrono::milliseconds(20));
  EXPECT_EQ(fast.service(task_of_class(0), at_seconds(0), {}), std::chrono::milliseconds(5));
  EXPECT_EQ(fast.service(task_of_class(1), at_seconds(0), {}), std::chrono::microseconds(2500));
}

TEST(ServiceModel, GivesATaskTheSameSizeOnEveryNode) {
  const auto spec = EmulationSpec::parse("nodes=4x1*2;work_ms=10");
  ServiceModel first(spec, 0, kSeed), second(spec, 1, kSeed);
  for (std::uint64_t id = 0; id < 100; ++id) {
    EXPECT_EQ(first.service(task_of_class(0, id), at_seconds(0), {}),
              second.service(task_of_class(0, id), at_seconds(0), {}));
  }
}

TEST(ServiceModel, SlowsMemoryHungryClassesByTheirExcessOverTheHarmlessShare) {
  const auto spec = EmulationSpec::parse(
      "nodes=20x1;work_ms=10;size=deterministic;interference_beta=2;interference_classes=1/2");
  ServiceModel model(spec, 0, kSeed);
  RunningPerClass running{};
  const auto milliseconds = [&](std::uint8_t task_class) {
    return to_milliseconds(model.service(task_of_class(task_class), at_seconds(0), running));
  };
  running[0] = 13;  // Not memory-hungry: no harm from them, and none to them.
  running[1] = 4;
  running[2] = 2;
  EXPECT_NEAR(milliseconds(1), 10, 1e-5);  // With this task 7 = 0.35 x 20.
  running[2] = 6;
  EXPECT_NEAR(milliseconds(1), 10 * (1 + 2 * (11 - 7.0) / 7.0), 1e-5);
  EXPECT_NEAR(milliseconds(2), 10 * (1 + 2 * (11 - 7.0) / 7.0), 1e-5);
  EXPECT_NEAR(milliseconds(0), 10, 1e-5);
}

TEST(ServiceModel, CountsMemoryHungryTasksByMemoryDomain) {
  const auto spec = EmulationSpec::parse(
      "nodes=20x1;work_ms=10;size=deterministic;interference_beta=2;interference_classes=1;"
      "memory_domains=2");
  ServiceModel model(spec, 0, kSeed);
  EXPECT_EQ(model.memory_domains(), 2);
  EXPECT_EQ(model.interference_factor(3), 1);  // 3.5 = 0.35 x 20 / 2 do no harm.
  RunningPerClass in_the_domain{};
  in_the_domain[1] = 6;
  const Duration service = model.service(task_of_class(1), at_seconds(0), in_the_domain);
  EXPECT_NEAR(to_milliseconds(service), 10 * (1 + 2 * (7 - 3.5) / 3.5), 1e-5);
}

TEST(ServiceModel, DriftStartsInEquilibriumAndStaysThere) {
  const auto spec =
      EmulationSpec::parse("nodes=4x1;drift_speed=0.5;drift_good_s=20;drift_slow_s=7");
  constexpr int kNodes = 20000;
  const double p = 7.0 / 27;
  const double standard_error = std::sqrt(p * (1 - p) / kNodes);
  int slow_at_start = 0, slow_later = 0;
  for (int node = 0; node < kNodes; ++node) {
    ServiceModel model(spec, node, kSeed);
    slow_at_start += model.is_slow(at_seconds(0)) ? 1 : 0;
    slow_later += model.is_slow(at_seconds(100)) ? 1 : 0;
  }
  EXPECT_NEAR(slow_at_start / double{kNodes}, p, 4 * standard_error);
  EXPECT_NEAR(slow_later / double{kNodes}, p, 4 * standard_error);
}

TEST(ServiceModel, ANodeInItsSlowStateTakesLongerByTheDriftFactor) {
  const auto spec = EmulationSpec::parse(
      "nodes=4x1;work_ms=10;size=deterministic;drift_speed=0.5;drift_good_s=1;drift_slow_s=1");
  ServiceModel model(spec, 3, kSeed);
  bool seen[2] = {false, false};
  for (int step = 0; step < 1000; ++step) {
    const Instant at = at_seconds(0.1 * step);
    const bool slow = model.is_slow(at);
    seen[slow ? 1 : 0] = true;
    EXPECT_EQ(model.service(task_of_class(0), at, {}), std::chrono::milliseconds(slow ? 20 : 10));
  }
  EXPECT_TRUE(seen[0] && seen[1]);
}

TEST(ServiceModel, DriftDependsOnSeedAndNodeNotOnHowOftenItIsAsked) {
  const auto spec = EmulationSpec::parse("nodes=4x1;drift_speed=0.5");
  ServiceModel often(spec, 3, kSeed), seldom(spec, 3, kSeed);
  for (int step = 0; step <= 10000; ++step) {
    const bool slow = often.is_slow(at_seconds(0.1 * step));
    if (step % 100 == 0) {
      EXPECT_EQ(seldom.is_slow(at_seconds(0.1 * step)), slow);
    }
  }
}

}  // namespace
}  // namespace weir
