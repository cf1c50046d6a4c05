// One simulated node whose tasks know their work and have a deadline, and what becomes of them.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

#include "runtime/sim/simulation.hpp"
#include "tests/support/poisson_source.hpp"

namespace weir {

inline constexpr std::uint64_t kOrderedTasks = 300'000;
inline constexpr Duration kMeanWork = std::chrono::milliseconds(1);

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
    if (patience_ > Duration::zero()) task.header.deadline = task.header.arrival + patience_;
    return task;
  }
  bool exhausted() const override { return tasks_.exhausted(); }

 private:
  PoissonSource tasks_;
  std::uint64_t seed_;
  Duration patience_;
};

// Counts all tasks but the first twentieth.
class CountingSink final : public SimulationSink {
 public:
  explicit CountingSink(std::uint64_t tasks) : skipped_(tasks / 20) {}

  void on_completed(const CompletedTask& task, SimTime) override {
    ++all;
    if (index_of(task.header.id) < skipped_) return;
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
  std::uint64_t skipped_;
  std::uint64_t counted_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t late_ = 0;
  double response_s_ = 0;
};

inline SimulationOptions one_server(std::uint64_t seed) {
  return {.nodes = EmulationSpec::parse("nodes=1x1;work_ms=1"),
          .policy = "round_robin",
          .seed = seed,
          .network = {.latency = Duration::zero(), .bytes_per_s = 0},
          .most_drift = 0};
}

inline CountingSink run(const SimulationOptions& options, double load,
                        Duration patience = Duration::zero(), std::uint64_t tasks = kOrderedTasks) {
  CountingSink sink(tasks);
  const auto source = [&](RankId, Instant start) {
    return std::make_unique<InformedSource>(
        PoissonArrivals{.rate_per_s = 1000 * load, .count = tasks, .seed = options.seed}, start,
        options.seed, patience);
  };
  Simulation world(options, source, sink);
  world.run();
  EXPECT_EQ(sink.all, tasks);
  const NodeAgentCounts counts = world.agent(RankId(0)).counts();
  EXPECT_EQ(counts.submitted, tasks);
  EXPECT_EQ(counts.completed, tasks);
  return sink;
}

}  // namespace weir
