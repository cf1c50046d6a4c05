// Everything one rank needs to take part in a job, chosen and connected: its share of the host, its
// workers or emulated cores, the transport, the policy, the agent and the loop that drives it.

#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/histogram.hpp"
#include "runtime/control/capacity_options.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/control/foretold_arrivals.hpp"
#include "runtime/control/learning_options.hpp"
#include "runtime/control/node_agent.hpp"
#include "runtime/exec/emulated_executor.hpp"
#include "runtime/exec/emulation_spec.hpp"
#include "runtime/exec/kind_table.hpp"
#include "runtime/mpi/doorbell.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "runtime/mpi/mpi_loop.hpp"
#include "runtime/mpi/mpi_transport.hpp"
#include "runtime/mpi/steady_clock.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/session/host_share.hpp"
#include "runtime/session/placement_weights.hpp"

namespace weir {

struct NodeRuntimeOptions {
  std::string policy = "shortest_expected_delay";
  // What the policy `learned` goes by; empty: what comes with weir. The same on every rank.
  std::filesystem::path weights;
  // By what its coordinators price nodes: as price_network_of() takes it. Likewise.
  std::string control = "none";
  // By what nodes correct their class limits: as learned_limits_of() takes it. Likewise.
  std::string limit_control = "none";
  std::uint64_t seed = 1;
  // Tasks take time without computing, as this describes; unset: worker threads run them.
  std::optional<EmulationSpec> emulation;
  int worker_count = 0;  // threads; 0: one per core of this rank's share
  // Workers do nothing but wait for child processes, which inherit where and how urgently they run:
  // anywhere in this rank's share, as urgently as the rank itself.
  bool workers_wait_for_children = false;
  int dispatcher_count = 0;  // ranks that submit tasks; 0: all
  int class_count = 1;
  int max_retries = 0;
  TreeOptions tree;             // where the policy follows one
  std::string switch_file;      // likewise: switch_file.hpp; empty: what Slurm tells
  Duration report_interval{0};  // 0: chosen by the number of ranks
  QueueOptions queue;
  NodeControlOptions node_control;
  // `planner.warm_up` is what a node takes from being called back until it takes tasks.
  CapacityOptions capacity;
  // Where set: by what the planner of each coordinator foretells its arrivals; what it goes by is
  // the same on every rank (`settings`). Unset: planners go by what has arrived.
  std::function<std::unique_ptr<DemandForecaster>()> make_plan_demand;
  // Only where the policy is learned.
  OnlineLearningOptions online;
  LearningObserver* learning_observer = nullptr;  // of what coordinators on this rank learn
  Migration migration = Migration::kWithTree;
  bool tasks_split = false;  // when somebody asks for work: see HandOverOptions::forgets_pauses
  MoveObserver* move_observer = nullptr;  // of moves that are decided on this rank
  // Off: the program around a session may keep a rank silent for as long as it computes.
  SuspicionOptions suspicion{.after = Duration(0)};
  // Where the others go on when ranks die: what the runtime does not know of it itself. The same on
  // every rank, and only with a suspicion. Not where homes learn, or capacity is planned.
  std::optional<SurvivalOptions> survival;
  bool check_invariants = false;  // slow
  std::size_t max_in_flight = NodeAgentOptions{}.max_in_flight;
  std::uint32_t credit_per_node = RouterOptions{}.credit_per_node;  // the same on every rank
  Overflow overflow = Overflow::kWait;
  // Must be equal on all ranks beside version and task table; one entry per line.
  std::string settings;
  bool calibrate = true;
  // Where set: gives what to use in place of the policy, for looking over its shoulder.
  std::function<std::unique_ptr<Policy>(std::unique_ptr<Policy>)> observe_policy;
  // Called first on each worker thread. Must not throw.
  std::function<void()> on_worker_start;
  // As observe_policy, of the executor.
  std::function<std::unique_ptr<Executor>(std::unique_ptr<Executor>)> wrap_executor;
};

class NodeRuntime {
 public:
  // Checks that the ranks agree and finds this rank's place. `mpi` and `kinds` outlive the runtime;
  // `kinds` is complete. Throws Error, on all ranks alike, if they do not agree or the machine or
  // an option will not do. Collective.
  NodeRuntime(MpiContext& mpi, const KindTable& kinds, NodeRuntimeOptions options);
  ~NodeRuntime();
  NodeRuntime(const NodeRuntime&) = delete;
  NodeRuntime& operator=(const NodeRuntime&) = delete;

  // Starts the workers and makes the agent, which the caller's loop then drives. The clock begins
  // at zero here, on all ranks at nearly the same moment. `sink`, and `source` and `copies` (may be
  // null), outlive the runtime. Once. Collective.
  NodeAgent& begin(CompletionSink& sink, TaskSource* source, HomeCopies* copies = nullptr);

  // After begin(): the loop drives `reactor`, which contains the agent and outlives the runtime,
  // instead of the agent itself.
  void drive(Reactor& reactor);
  // After begin().
  MpiLoop& loop() { return *loop_; }
  // Likewise.
  Transport& transport() { return *transport_; }

  // As MpiTransport::send_last().
  void send_last(RankId to, Message message) { transport_->send_last(to, std::move(message)); }
  // What was sent has half a second to leave; what comes meanwhile waits for the loop.
  void finish_sending();

  // Ends the loop's current wait. Any thread, and signal handlers. After begin().
  void wake() noexcept { doorbell_->wake(); }

  RankId rank() const { return mpi_.rank(); }
  int rank_count() const { return mpi_.rank_count(); }
  // For tasks: none where the rank only coordinates.
  int worker_count() const { return tree_place_.runs_tasks(rank()) ? worker_count_ : 0; }
  double speed() const { return speed_; }
  int dispatcher_count() const { return dispatcher_count_; }
  const HostShare& place() const { return place_; }
  const TreePlace& tree_place() const { return tree_place_; }
  // For a person; equal on all ranks.
  const std::vector<std::string>& warnings() const { return place_.warnings; }
  const Clock& clock() const { return *clock_; }
  TransportCounts transport_counts() const { return transport_->counts(); }
  ExecutorLoad executor_load() const { return executor_->load(clock_->now()); }
  SpawnCounts spawn_counts() const { return executor_->spawn_counts(); }
  // Over the coordinators on this rank.
  ForetoldPlans foretold_plans() const;
  // Of emulated work; empty where tasks compute.
  DurationHistogram lateness() const;

 private:
  // Whether ranks share cores.
  bool crowded() const;
  void choose_workers();
  std::unique_ptr<Executor> make_executor();
  TreePlace place_in_tree();
  SurvivalOptions survival_options();
  std::vector<Advisor*> make_advisors(std::span<const CoordinatorRole> roles);
  NodeAgentOptions agent_options();
  LearningParts learning_parts();

  MpiContext& mpi_;
  const KindTable& kinds_;
  NodeRuntimeOptions options_;
  HostShare place_;
  std::optional<CoordinationTree> tree_;  // where the policy follows one
  TreePlace tree_place_;
  int worker_count_ = 1;
  double speed_ = 1;
  int dispatcher_count_ = 1;

  std::unique_ptr<SteadyClock> clock_;
  std::unique_ptr<Doorbell> doorbell_;
  std::unique_ptr<MpiTransport> transport_;
  std::unique_ptr<Telemetry> telemetry_;
  PlacementWeights weights_;
  std::unique_ptr<Policy> policy_;
  std::optional<ServiceEstimator> given_;           // where it is learned, what it began with
  std::optional<LearnedLimits> limits_;             // where class limits are corrected
  std::unique_ptr<EstimatorTrainer> trainer_;       // of a coordinator here, where homes learn
  std::vector<std::unique_ptr<Advisor>> advisors_;  // of the coordinators here
  std::vector<std::unique_ptr<ForetoldArrivals>> outlooks_;  // of the planners, where they have one
  std::unique_ptr<DemandForecaster> demand_;  // of the root, where capacity goes by it
  std::unique_ptr<CapacityAdviser> adviser_;  // likewise
  std::unique_ptr<Executor> executor_;
  const DurationHistogram* lateness_ = nullptr;  // of the executor, where work is emulated
  std::unique_ptr<NodeAgent> agent_;
  std::unique_ptr<MpiLoop> loop_;
};

}  // namespace weir
