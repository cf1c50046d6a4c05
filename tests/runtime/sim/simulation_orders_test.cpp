// Queue orders, deadlines and admission against closed forms, through whole simulated jobs of one
// node. Mean work 1 ms.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "runtime/sim/simulation.hpp"
#include "tests/support/poisson_source.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kTasks = 300'000;
constexpr std::uint64_t kSkipped = kTasks / 20;
constexpr int kSeeds = 10;
constexpr Duration kMeanWork = 1ms;

// A source whose tasks know their work and have a deadline.
class InformedSource final : public TaskSource {
 public:
  InformedSource(const PoissonArrivals& arrivals, Instant start, std::uint64_t seed,
                 Duration patience)
      : tasks_(arrivals, start), seed_(seed), patience_(patience) {}

  Instant next_due() const override { return tasks_.next_due(); }
  Task take() override {
    Task task = tasks_.take();
    const double size = task_size({}, seed_, task.header.id);
    task.header.cost_hint = from_seconds(size * to_seconds(kMeanWork));
    if (patience_ > 0s) task.header.deadline = task.header.arrival + patience_;
    return task;
  }
  bool exhausted() const override { return tasks_.exhausted(); }

 private:
  PoissonSource tasks_;
  std::uint64_t seed_;
  Duration patience_;
};

class CountingSink final : public SimulationSink {
 public:
  void on_completed(const CompletedTask& task, SimTime) override {
    ++all;
    if (index_of(task.header.id) < kSkipped) return;
    ++counted_;
    if (task.status == TaskStatus::kDropped) {
      ++dropped_;
    } else {
      response_s_ += to_seconds(task.response);
      late_ += task.header.arrival + task.response > task.header.deadline ? 1 : 0;
    }
  }
  // In multiples of the mean work.
  double mean_response() const {
    return 1000 * response_s_ / static_cast<double>(counted_ - dropped_);
  }
  double dropped_share() const { return share_of(dropped_); }
  double late_share() const { return share_of(late_); }

  std::uint64_t all = 0;

 private:
  double share_of(std::uint64_t part) const {
    return static_cast<double>(part) / static_cast<double>(counted_);
  }
  std::uint64_t counted_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t late_ = 0;
  double response_s_ = 0;
};

SimulationOptions one_server(std::uint64_t seed) {
  return {.nodes = EmulationSpec::parse("nodes=1x1;work_ms=1"),
          .policy = "round_robin",
          .seed = seed,
          .network = {.latency = 0s, .bytes_per_s = 0},
          .most_drift = 0};
}

CountingSink run(const SimulationOptions& options, double load, Duration patience = 0s) {
  CountingSink sink;
  const auto source = [&](RankId, Instant start) {
    return std::make_unique<InformedSource>(
        PoissonArrivals{.rate_per_s = 1000 * load, .count = kTasks, .seed = options.seed}, start,
        options.seed, patience);
  };
  Simulation world(options, source, sink);
  world.run();
  EXPECT_EQ(sink.all, kTasks);
  const NodeAgentCounts counts = world.agent(RankId(0)).counts();
  EXPECT_EQ(counts.submitted, kTasks);
  EXPECT_EQ(counts.completed, kTasks);
  return sink;
}

// Of ten seeds: within the larger of 1 % and three standard errors, and those at most `most_error`.
void expect_mean(double expected, double most_error,
                 const std::function<double(std::uint64_t seed)>& measure) {
  double sum = 0;
  double squares = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const double value = measure(seed);
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kSeeds;
  const double error = std::sqrt((squares / kSeeds - mean * mean) / (kSeeds - 1));
  EXPECT_LE(error, most_error * expected);
  EXPECT_NEAR(mean, expected, std::max(0.01 * expected, 3 * error));
}

struct Expected {
  double load;
  double value;
};

class ShortestFirst : public testing::TestWithParam<Expected> {};

TEST_P(ShortestFirst, HasTheMeanResponseOfNonPreemptiveShortestJobFirst) {
  expect_mean(GetParam().value, 0.01, [](std::uint64_t seed) {
    SimulationOptions options = one_server(seed);
    options.queue.order = QueueOrder::kShortestFirst;
    return run(options, GetParam().load).mean_response();
  });
}

INSTANTIATE_TEST_SUITE_P(Loads, ShortestFirst,
                         testing::Values(Expected{0.5, 1.71269}, Expected{0.8, 2.88222},
                                         Expected{0.9, 4.19691}));

// Equal patience makes the earliest deadline the first to come: the response is exponential with
// rate 1 - load, so exp(-(1 - load) x patience) of the tasks are late.
TEST(EarliestDeadline, WithEqualPatienceIsFirstComeFirstServed) {
  expect_mean(std::exp(-0.2 * 10), 0.03, [](std::uint64_t seed) {
    SimulationOptions options = one_server(seed);
    options.queue.order = QueueOrder::kEarliestDeadline;
    return run(options, 0.8, 10ms).late_share();
  });
}

TEST(DropLate, LeavesNoTaskThatKnowsItsWorkLate) {
  SimulationOptions options = one_server(1);
  options.queue.drop_late = true;
  const CountingSink sink = run(options, 1.2, 10ms);
  EXPECT_EQ(sink.late_share(), 0);
  // A sixth of the work has to go, in fewer tasks: short ones find a place where long ones do not.
  EXPECT_GT(sink.dropped_share(), 0.05);
  EXPECT_LT(sink.dropped_share(), 1.0 / 6);
}

TEST(Overflow, DroppingLosesTheShareOfAQueueWithTenPlaces) {
  expect_mean(0.05081373, 0.02, [](std::uint64_t seed) {
    SimulationOptions options = one_server(seed);
    options.max_in_flight = 10;
    options.overflow = Overflow::kDrop;
    return run(options, 0.9).dropped_share();
  });
}

TEST(Overflow, WaitingLosesNothingAndCountsTheWait) {
  SimulationOptions options = one_server(1);
  const double unlimited = run(options, 0.8).mean_response();
  options.max_in_flight = 3;
  const CountingSink limited = run(options, 0.8);
  EXPECT_EQ(limited.dropped_share(), 0);
  EXPECT_NEAR(limited.mean_response(), unlimited, 1e-3 * unlimited);
}

TEST(SimulationOrders, RepeatThemselvesBitForBit) {
  for (const QueueOrder order : {QueueOrder::kShortestFirst, QueueOrder::kEarliestDeadline}) {
    std::uint64_t journals[2] = {};
    for (std::uint64_t& journal : journals) {
      CountingSink sink;
      SimulationOptions options = one_server(3);
      options.nodes = EmulationSpec::parse("nodes=2x1*3;work_ms=1");
      options.policy = "random+work_stealing";
      options.queue = {.order = order, .drop_late = true};
      const auto source = [&](RankId, Instant start) {
        return std::make_unique<InformedSource>(
            PoissonArrivals{.rate_per_s = 5500, .count = 20'000}, start, 3, 20ms);
      };
      Simulation world(options, source, sink);
      world.run();
      EXPECT_EQ(sink.all, 20'000U);
      journal = world.journal();
    }
    EXPECT_EQ(journals[0], journals[1]);
  }
}

}  // namespace
}  // namespace weir
