// A whole job in virtual time: the agents, policies, queues and messages of the runtime, one node
// per rank, on emulated work, a modelled network and clocks that disagree. Nothing in those parts
// knows. Single-threaded, and a function of its options: the same seed gives the same journal, bit
// for bit.
//
// The loop: the next event in time is something on a link of the network, a rank's own wake-up, or
// what the plan has for a node. A rank handles a message or a wake-up as the loop over MPI does
// (messages, then on_wakeup), and what it sends becomes further events.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ml/inference/learned_capacity.hpp"
#include "ml/inference/learned_limits.hpp"
#include "ml/inference/node_set_network.hpp"
#include "ml/inference/service_estimator.hpp"
#include "runtime/control/capacity_options.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/control/foretold_arrivals.hpp"
#include "runtime/control/learning_options.hpp"
#include "runtime/control/node_agent.hpp"
#include "runtime/exec/emulation_spec.hpp"
#include "runtime/exec/task_queue.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/sim/event_queue.hpp"
#include "runtime/sim/faults.hpp"
#include "runtime/sim/letter_pool.hpp"
#include "runtime/sim/network_model.hpp"
#include "runtime/sim/node_plan.hpp"
#include "runtime/sim/oracle_policy.hpp"
#include "runtime/sim/rank_clock.hpp"
#include "runtime/sim/sim_transport.hpp"

namespace weir {

// Where the others go on when ranks die. Then every rank has a source, which of ranks that do not
// submit tasks is empty at first.
struct SimulatedSurvival {
  Duration out_after = SurvivalOptions{}.out_after;
  Duration copy_interval = SurvivalOptions{}.copy_interval;
  // Of a rank that has been given its source; outlive the simulation.
  std::function<HomeCopies*(RankId)> copies_of;
};

struct SimulationOptions {
  EmulationSpec nodes;
  int rank_count = 0;  // 0: as many as the spec has nodes
  // Ranks that submit tasks: those from 0 on.
  int dispatcher_count = 1;
  std::string policy = "shortest_expected_delay";  // or kOraclePolicy
  // What the policy `learned` goes by; empty: what comes with weir.
  std::filesystem::path weights;
  // By what its coordinators price nodes: as price_network_of() takes it.
  std::string control = "none";
  // By what nodes correct their class limits: as learned_limits_of() takes it.
  std::string limit_control = "none";
  std::uint64_t seed = 1;
  int class_count = 1;
  int max_retries = 0;
  NetworkOptions network;  // ranks_per_cluster 0: as the spec has clusters
  FaultOptions faults;
  ParkingOptions parking;
  // Not beside periods of parking; `planner.warm_up` is what nodes take to get warm.
  CapacityOptions capacity;
  // Where set: in place of what `capacity` names. Outlives the simulation.
  CapacityAdviser* adviser = nullptr;
  // Of CapacityControl::kPerfect, of which the time is the world's and goes on.
  std::function<std::unique_ptr<DemandForecaster>(const SimTime& now)> make_known_demand;
  // Where set: by what the planner of each coordinator foretells its arrivals. The time is the
  // world's and goes on. Unset: planners go by what has arrived.
  std::function<std::unique_ptr<DemandForecaster>(const SimTime& now)> make_plan_demand;
  // Where set: who corrects the class limits of a node, or null for what `limit_control` names;
  // outlives the simulation.
  std::function<LimitAdviser*(RankId, const SimTime& now)> limit_adviser;
  // Only where the policy is learned.
  OnlineLearningOptions online;
  TreeOptions tree;             // where the policy follows one
  Duration report_interval{0};  // 0: the agent's own choice
  QueueOptions queue;
  NodeControlOptions node_control;
  Migration migration = Migration::kWithTree;
  SuspicionOptions suspicion;
  std::optional<SimulatedSurvival> survival;
  Duration heartbeat = NodeAgentOptions{}.heartbeat;
  RouterOptions router;
  WorkHostOptions host;
  bool check_invariants = false;  // of every rank, in every round
  std::size_t max_in_flight = NodeAgentOptions{}.max_in_flight;
  Overflow overflow = Overflow::kWait;
  // How long a planner takes from a question to its answer.
  Duration advisor_delay = std::chrono::milliseconds(1);
  OracleKnowledge oracle;  // where it is the policy
  // Clocks show up to this much at the begin, and gain or lose up to this much per second.
  Duration most_skew = std::chrono::seconds(1);
  double most_drift = 2e-5;
  // Where set: gives what to use in place of a rank's policy, for looking over its shoulder. The
  // time is the world's and goes on.
  std::function<std::unique_ptr<Policy>(RankId, std::unique_ptr<Policy>, const SimTime& now)>
      observe_policy;
  // Where set: who hears of the moves that coordinators of a rank decide, or null; outlives the
  // simulation.
  std::function<MoveObserver*(RankId, const SimTime& now)> observe_moves;
  // The same of what those coordinators learn.
  std::function<LearningObserver*(RankId, const SimTime& now)> observe_learning;
  // The same for what runs the tasks of a rank.
  std::function<std::unique_ptr<Executor>(RankId, std::unique_ptr<Executor>)> observe_executor;
};

// Where the ranks of that world are, for a tree over them. Heeds nodes, rank count and network.
RankPlaces simulated_places(const SimulationOptions& options);

// Hears of every task that is complete. `now` is the world's time.
class SimulationSink {
 public:
  virtual ~SimulationSink() = default;
  virtual void on_completed(const CompletedTask& task, SimTime now) = 0;
};

class Simulation {
 public:
  // The source of one dispatcher; `start` is the begin of the world on its clock.
  using SourceMaker = std::function<std::unique_ptr<TaskSource>(RankId home, Instant start)>;

  // Throws Error for a policy that does not exist. `sink` outlives the simulation.
  Simulation(const SimulationOptions& options, const SourceMaker& make_source,
             SimulationSink& sink);
  ~Simulation();

  // Until every living rank has finished; at most the drain limit longer than ranks submit tasks
  // where one has died.
  void run();
  // Until then, or until nothing more happens before `end`.
  void run_until(SimTime end);

  // Whether run() would do nothing more.
  bool finished() const { return unfinished_ == 0 || gave_up_; }
  int rank_count() const { return static_cast<int>(nodes_.size()); }
  SimTime now() const { return now_; }
  std::uint64_t event_count() const { return event_count_; }
  // Messages sent and not yet received.
  std::size_t messages_under_way() const { return letters_.in_use(); }
  // Over all messages: when, who, to whom, and every byte.
  std::uint64_t journal() const { return journal_; }

  NodeAgent& agent(RankId rank);
  TransportCounts transport_counts(RankId rank) const;
  // Worker time spent on tasks so far, on this rank.
  Duration busy(RankId rank) const { return load(rank).busy; }
  // What is on this node: as it was when it died, where it has.
  ExecutorLoad load(RankId rank) const;
  // For how long this node was switched on so far: all the time, unless it is parked or dies.
  Duration powered(RankId rank) const;
  // The network by which capacity is corrected; null where there is none.
  const LearnedCapacity* learned_capacity() const { return adviser_.get(); }
  // Over all coordinators.
  ForetoldPlans foretold_plans() const {
    ForetoldPlans sum;
    for (const auto& outlook : outlooks_) sum += outlook->counts();
    return sum;
  }
  // Whether the drain limit ended the run.
  bool gave_up() const { return gave_up_; }

 private:
  struct Node;
  using AdvisorMaker = std::function<std::vector<Advisor*>(const TreePlace& place)>;
  void add_node(const SimulationOptions& options, RankId rank, double min_node_cores,
                const SourceMaker& make_source, SimulationSink& sink);
  TreePlace place_of(const SimulationOptions& options, RankId rank, const Policy& policy);
  void set_learning(const SimulationOptions& options, Node& added, NodeAgentOptions& agent,
                    NodeAgentParts& parts);
  AdvisorMaker advisor_maker(const SimulationOptions& options, Node& added);
  void set_survival(const SimulationOptions& options, const AdvisorMaker& make_advisors,
                    Node& added, NodeAgentOptions& agent, NodeAgentParts& parts);
  std::unique_ptr<Policy> make_home_policy(const SimulationOptions& options, RankId home,
                                           double min_node_cores);
  void post(std::uint32_t letter, bool is_report);
  void take_on_way(std::uint32_t letter);
  void write_journal(RankId from, RankId to, const EncodedMessage& message);
  void handle(const SimEvent& event);
  void look_at_link(std::uint32_t link);
  void receive(Node& node, std::uint32_t letter, Instant local);
  void apply(const NodeChange& planned);
  void change(Node& node, NodeChange::Kind kind);
  void tell_oracle(const Node& node);
  void work(Node& node, Instant local);
  void note_submitting(Node& node);
  void schedule_wakeup(Node& node, Instant next);
  Node& node(RankId rank) const { return *nodes_[static_cast<std::size_t>(rank.value())]; }

  SimTime now_{};
  NetworkModel network_;
  MessageFaults faults_;
  NodePlan plan_;
  std::optional<ServiceEstimator> estimator_;  // where the policy is learned
  std::optional<NodeSetNetwork> prices_;       // likewise
  std::unique_ptr<OracleView> oracle_;         // where it is the policy
  std::optional<CoordinationTree> tree_;       // where the policy follows it
  std::unique_ptr<DemandForecaster> demand_;   // where capacity goes by it
  std::unique_ptr<LearnedCapacity> adviser_;   // likewise
  // Of the planners, where they do not go by what has arrived.
  std::vector<std::unique_ptr<ForetoldArrivals>> outlooks_;
  std::optional<LearnedLimits> limits_;  // of all nodes, where class limits are corrected
  EventQueue events_;
  LetterPool letters_;
  std::vector<std::unique_ptr<Node>> nodes_;
  int unfinished_ = 0;
  bool somebody_dies_;
  Duration drain_limit_;
  int submitting_ = 0;  // ranks with something more to submit; where somebody dies
  SimTime drain_ends_ = kEndOfTime;
  bool gave_up_ = false;
  std::uint64_t event_count_ = 0;
  std::uint64_t journal_ = 0;
};

}  // namespace weir
