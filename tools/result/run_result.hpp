// The result of a run: what every rank contributes, and how the whole is shown, as tables or as
// JSON.

#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "runtime/base/histogram.hpp"
#include "runtime/control/foretold_arrivals.hpp"
#include "runtime/control/node_agent.hpp"
#include "tools/result/online_result.hpp"
#include "tools/result/run_bounds.hpp"
#include "tools/result/run_tally.hpp"
#include "tools/settings/plan_demand_settings.hpp"

namespace weir {

// Of one rank.
struct RankResult {
  std::string host;
  int worker_count = 0;  // for tasks: none where the rank only coordinates
  double speed = 1;
  double elapsed_s = 0;      // of the run, on this rank's clock
  double busy_s = 0;         // worker time spent on tasks
  double control_cpu_s = 0;  // processor time of the control thread
  double making_cpu_s = 0;   // of that, for making the tasks of the streams; the rest is scheduling
  double resident_bytes = 0;
  std::uint64_t crashed = 0;  // attempts that cost their child process, where tasks are isolated
  NodeAgentCounts counts;
  DecisionCounts learned;                 // zeros where the policy has not learned
  std::optional<ClusterLearning> online;  // of the cluster it coordinates, where homes learn
  ForetoldPlans planned;                  // by the coordinators there; zeros without a forecast
  HandOverCounts hand_over;
  TransportCounts transport;
  DurationHistogram lateness;  // of emulated tasks; empty where tasks compute
};

void encode(const RankResult& result, ByteWriter& out);
// False when the bytes are no result.
bool decode(RankResult& result, ByteReader& in);

// What only a simulated world knows.
struct WorldResult {
  std::uint64_t lost = 0;  // tasks submitted that never completed
  bool gave_up = false;    // the drain limit ended the run
  bool jammed = false;     // more messages were on their way than the network will ever carry
  // What capacity cost: for how long nodes were switched on, and that times their cores.
  double node_s = 0;
  double core_s = 0;
  // Of a network that corrects capacity: how often it was asked, and chose otherwise than the rule.
  std::uint64_t capacity_decisions = 0;
  std::uint64_t capacity_differing = 0;
};

// What a run that was continued had done before.
struct EarlierParts {
  int count = 0;
  std::uint64_t tasks = 0;  // all of them complete
  std::uint64_t done = 0;
  double elapsed_s = 0;
  Duration stream_time{0};  // where this part began
};

struct RunResult {
  std::string policy;
  std::uint64_t seed = 0;
  bool emulated = false;
  bool interrupted = false;
  double offered_rate_per_s = 0;          // of stream time, over all streams
  std::vector<std::string> class_names;   // by class
  std::vector<std::string> stream_names;  // by stream id
  // Of earlier parts as well, but for nodes; all else is of this part.
  RunTally tally;
  std::vector<RankResult> ranks;
  std::vector<int> lost_ranks;  // that are out, of a run that went on without them; ascending
  std::optional<EarlierParts> earlier;
  std::optional<Duration> continues_at;  // stream time, where the run is to be continued
  PlanDemand plan_demand = PlanDemand::kMeasured;
  ForetoldPlans planned;             // by all coordinators; zeros without a forecast
  std::optional<RunBounds> bounds;   // of emulated work
  std::optional<WorldResult> world;  // of a simulated run

  std::uint64_t submitted() const;
  double elapsed_s() const;         // of this part, until the last completion
  double throughput_per_s() const;  // completed tasks, of this part
  double utilization() const;       // of all workers, over the elapsed time
  // Throughput over the capacity bound: unlike busy time, better where tasks run fast. Needs
  // bounds.
  double efficiency() const;
  // Over all clusters; nothing where homes do not learn.
  std::optional<LearningCounts> learning() const;
  // That has seen most tasks; null where homes do not learn.
  const ClusterLearning* most_learned() const;
};

// One object on one line, with a line break.
void print_json(const RunResult& result, std::ostream& out);

// Tables of at most 100 columns; of more than 16 nodes only the totals and the extremes.
void print_tables(const RunResult& result, std::ostream& out);

// Emulated work that is noticed this much too late makes a run void: its response times are the
// machine's, not the policy's.
inline constexpr Duration kLatenessLimit = std::chrono::milliseconds(20);

}  // namespace weir
