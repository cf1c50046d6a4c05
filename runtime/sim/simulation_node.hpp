// One rank of the simulated world, with all that a real one has. Used inside this folder only.

#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/environment/telemetry.hpp"
#include "runtime/exec/parkable_executor.hpp"
#include "runtime/sim/simulation.hpp"

namespace weir {

int simulated_rank_count(const SimulationOptions& options);
NetworkOptions simulated_network(const SimulationOptions& options);

struct Simulation::Node final : CompletionSink {
  Node(RankId rank, const RankClock& its_clock, std::unique_ptr<Policy> its_policy,
       SimulationSink& its_sink, OracleView* its_oracle, const SimTime& world_now)
      : id(rank),
        clock(its_clock),
        policy(std::move(its_policy)),
        sink(its_sink),
        oracle(its_oracle),
        now(world_now) {}

  void on_completed(CompletedTask task, Instant) override {
    if (oracle != nullptr && task.node != kNoRank) oracle->on_completed(task.node, task.header.id);
    sink.on_completed(task, now);
  }

  RankId id;
  RankClock clock;
  std::unique_ptr<Executor> executor;
  ParkableExecutor* parkable = nullptr;  // the same one, where the node may be parked
  AbsentTelemetry telemetry;
  std::unique_ptr<Policy> policy;
  std::unique_ptr<TaskSource> source;
  std::vector<std::unique_ptr<Advisor>> advisors;  // of the coordinators here
  std::unique_ptr<EstimatorTrainer> trainer;       // of that of the lowest level, where it learns
  SimulationSink& sink;
  OracleView* oracle;  // where it is the policy
  const SimTime& now;
  std::unique_ptr<SimTransport> transport;
  std::unique_ptr<NodeAgent> agent;
  Instant wakeup{};  // the one in the event queue, on the rank's clock
  bool finished = false;
  bool submitting = false;
  bool stopped = false;
  std::vector<std::uint32_t> held;  // letters that have come meanwhile
  SimTime dies = kEndOfTime;

  bool is_dead() const { return dies <= now; }
};

}  // namespace weir
