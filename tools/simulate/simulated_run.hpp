// One run in virtual time: a scenario in, a result out.

#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "runtime/control/completion_sink.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/sim/simulation.hpp"
#include "tools/load/workload.hpp"
#include "tools/result/run_result.hpp"
#include "tools/settings/scenario.hpp"

namespace weir {

// Looks on while a world runs. Nothing it does reaches the world, except that it may end it.
class SimulationWatch {
 public:
  // In virtual time.
  static constexpr Duration kInterval = std::chrono::milliseconds(250);

  virtual ~SimulationWatch() = default;
  // What to use in place of a home's policy: the same rule, observed. The time is the world's and
  // goes on; it outlives the policy.
  virtual std::unique_ptr<Policy> observed(RankId /*home*/, std::unique_ptr<Policy> policy,
                                           const SimTime& /*now*/) {
    return policy;
  }
  // Who hears of the moves that coordinators of that rank decide; null: nobody. It outlives the
  // run.
  virtual MoveObserver* moves_of(RankId /*rank*/, const SimTime& /*now*/) { return nullptr; }
  // What corrects the capacity that is wanted; null: as the options say. It outlives the run.
  virtual CapacityAdviser* adviser() { return nullptr; }
  // What corrects the class limits of a node: likewise.
  virtual LimitAdviser* limits_of(RankId /*rank*/, const SimTime& /*now*/) { return nullptr; }
  // The same of what they learn.
  virtual LearningObserver* learning_of(RankId /*rank*/, const SimTime& /*now*/) { return nullptr; }
  // Every task, those of the warm-up included; `now` counts from the begin of the world.
  virtual void on_completed(const CompletedTask& /*task*/, Duration /*now*/) {}
  // Once per interval. False ends the run here, and its result says that it was interrupted.
  virtual bool on_interval(Simulation& /*world*/, Duration /*now*/) { return true; }
};

// What it took to simulate a run.
struct SimulationCost {
  std::uint64_t events = 0;   // messages that arrived and wake-ups
  std::uint64_t journal = 0;  // a hash over every message: equal for equal runs
};

// A function of its options; several may run at the same time, on threads of their own. Throws
// Error for what cannot be simulated. The watches are asked in order. `cost` may be null.
RunResult simulate(const SimulateOptions& options, std::span<SimulationWatch* const> watches = {},
                   SimulationCost* cost = nullptr);

// Its work. Throws Error for what cannot be opened.
Workload workload_of(const SimulateOptions& options);

// What the streams of the scenario offer, over all of them.
double offered_rate_per_s(const SimulateOptions& options);

}  // namespace weir
