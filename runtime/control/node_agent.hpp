// One node's share of the scheduler: places the tasks that are submitted here, runs those that are
// placed here, moves queued ones, and tells the others how it is. Events in, messages out; never
// blocks.
//
// The parts, in the order a task meets them: TaskSource or submit() -> TaskTable -> Router (policy,
// credit, batches) -> WorkHost -> Executor -> WorkHost -> TaskTable -> CompletionSink. Where the
// policy binds late, UnboundTasks and the node's ReservationDesk take the place of the Router.
// Beside them the HandOverDesk and the ReportDesk, and the coordinators that sit on this rank.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "runtime/control/cluster_state.hpp"
#include "runtime/control/completion_sink.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/control/coordinator_stack.hpp"
#include "runtime/control/hand_over.hpp"
#include "runtime/control/home_guide.hpp"
#include "runtime/control/idle_token_sender.hpp"
#include "runtime/control/invariants.hpp"
#include "runtime/control/node_allocator.hpp"
#include "runtime/control/node_capacity.hpp"
#include "runtime/control/node_meter.hpp"
#include "runtime/control/report_desk.hpp"
#include "runtime/control/router.hpp"
#include "runtime/control/survival.hpp"
#include "runtime/control/suspicion.hpp"
#include "runtime/control/task_source.hpp"
#include "runtime/control/task_table.hpp"
#include "runtime/control/unbound_tasks.hpp"
#include "runtime/control/work_host.hpp"
#include "runtime/environment/advisor.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/environment/reactor.hpp"
#include "runtime/environment/telemetry.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

// What becomes of tasks of the source that find max_in_flight others under way.
enum class Overflow { kWait, kDrop };

struct NodeAgentOptions {
  RouterOptions router;
  WorkHostOptions host;
  HandOverOptions hand_over;
  NodeMeterOptions meter;
  NodeControlOptions node_control;
  bool migrates = false;  // whether coordinators move queued tasks
  // A home hears of a node at least every heartbeat or report, whichever is rarer: the silence that
  // makes suspect is raised to four times that.
  SuspicionOptions suspicion;
  int dispatcher_count = 1;  // ranks 0 to dispatcher_count - 1 submit tasks
  // Tasks of this home that may be incomplete at one time; beyond it the source waits, or what it
  // gives is dropped.
  std::size_t max_in_flight = 65536;
  Overflow overflow = Overflow::kWait;
  int max_retries = 0;  // further attempts of a task that failed
  // This rank's place in the tree of coordinators; none: the flat tree, whose only one is rank 0.
  std::optional<TreePlace> place;
  // A report every interval while something changes, else every heartbeat. Zero: chosen by the
  // number of nodes that report to one coordinator, so that its cost stays the same.
  Duration report_interval{0};
  Duration heartbeat = std::chrono::milliseconds(250);
  // What its children report is shown to a coordinator's advisor at most this often, and not more
  // often than they report.
  Duration advice_interval = std::chrono::milliseconds(100);
  // Arrivals and ends that announce themselves by a timer may be noticed this much late, so that
  // one wake-up serves several of them.
  Duration timer_slack{0};
  // Where coordinators park nodes and call them back. The same on all ranks.
  std::optional<CapacityPlannerOptions> capacity;
  // Where homes learn while they run. The same on all ranks.
  OnlineLearning online = OnlineLearning::kOff;
  // Where the others go on when ranks die. Then all of `finish_after_epoch` runs only: one epoch.
  std::optional<SurvivalOptions> survival;
  bool check_invariants = false;  // in every round; a broken one ends the job
  std::uint64_t seed = 1;
};

struct NodeAgentCounts {
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;  // done, finally failed or dropped
  std::uint64_t failed = 0;     // finally, after all retries
  std::uint64_t dropped = 0;    // turned away here, or too late at a node
  std::uint64_t retried = 0;
  std::uint64_t reissued = 0;    // attempts made because a node was silent
  std::uint64_t suspicions = 0;  // of nodes, by this home
  std::uint64_t ends_heard = 0;  // of attempts, those that no longer count included
  std::uint64_t never_ran = 0;   // ends of attempts that reached no node
  std::uint64_t moved = 0;       // tasks of this home handed over between nodes
  std::uint64_t stale_ends = 0;  // ends of attempts that no longer count
  std::uint64_t decisions = 0;
  std::uint64_t control_messages = 0;  // reports, views, directives and counts sent from here
  std::uint64_t most_children = 0;     // of a coordinator here; zero where there is none
  std::uint64_t limit_decisions = 0;   // of the adviser of this node's class limits
  std::uint64_t limits_differing = 0;  // of those, how many left a limit other than the rule's
};

// What an agent works with; all of it outlives the agent. `source` may be null.
struct NodeAgentParts {
  Transport& transport;
  Executor& executor;
  Telemetry& telemetry;
  Policy& policy;
  CompletionSink& sink;
  TaskSource* source = nullptr;
  // Where the policy follows plans: one for each coordinator on this rank, by level.
  std::vector<Advisor*> advisors = {};
  MoveObserver* moves = nullptr;       // of what coordinators here decide; may be null
  DemandForecaster* demand = nullptr;  // of the root, where it plans capacity by one
  CapacityAdviser* adviser = nullptr;  // likewise, where one corrects it
  LimitAdviser* limits = nullptr;      // of this node, where one corrects its class limits
  LearningParts learning = {};         // of the coordinators here, where homes learn
  HomeCopies* copies = nullptr;        // of this home, where ranks may die
};

class NodeAgent final : public Reactor {
 public:
  NodeAgent(const NodeAgentOptions& options, const NodeAgentParts& parts);

  // Takes a task over. False when this home has max_in_flight tasks under way: try again after
  // on_wakeup. One that a task submitted it takes in any case: who submitted it may wait for it,
  // and whoever calls this bounds them. The id must be new. With a `target` the task runs there and
  // nowhere else. Without one its first attempt goes to `preferred`, if that is a rank and the
  // policy does not bind late.
  bool submit(Task& task, Instant now, RankId target = kNoRank, RankId preferred = kNoRank);

  // Nothing more will be submitted in this epoch: it ends when all homes said so and all is
  // complete.
  void close_epoch() { closed_ = true; }
  // The number of epochs that have ended. Equal on all ranks once each has heard of the end.
  std::uint32_t ended_epochs() const { return ended_epochs_; }
  // Runs end with the epoch; sessions go on.
  void finish_after_epoch() { finish_after_epoch_ = true; }

  // Takes nothing more from the source, here and on all other ranks; what was submitted is
  // completed.
  void stop_admission();
  bool stopped() const { return stopped_; }

  void on_message(Envelope envelope, Instant now) override;
  void on_wakeup(Instant now) override;
  Instant next_wakeup() const override;
  // Tasks left or came, or this node asked for some.
  Instant last_set_going() const override { return std::max(last_work_, desk_.asked_at()); }
  bool is_supplied() const override { return executor_.is_supplied(); }
  // Where ranks may die, not before all that live have said what they have to say.
  bool finished() const override {
    return survival_ ? survival_->has_ended() : finish_after_epoch_ && ended_epochs_ > 0;
  }

  NodeAgentCounts counts() const;
  // Of the policy here, where it has learned.
  std::optional<DecisionCounts> decision_counts() const { return policy_.decision_counts(); }
  // Of the cluster that is coordinated here, where its homes learn; else null.
  const OnlineLearner* learner() const { return coordinators_.learner(); }
  HandOverCounts hand_over_counts() const { return desk_.counts(); }
  std::size_t in_flight() const { return table_.size(); }
  const TaskTable& tasks() const { return table_; }
  // Tasks offered to other nodes that have not answered.
  std::size_t offered_task_count() const { return desk_.offered_task_count(); }
  // Tasks of this home that no node has asked for yet, and what stands in line at this node.
  std::size_t unbound_task_count() const { return unbound_.size(); }
  const ReservationDesk& reservations() const { return host_.reservations(); }
  const ClusterState& cluster() const { return cluster_; }
  bool suspects(RankId node) const { return suspicion_.suspects(node); }
  // Of a session, where it has ended there.
  bool has_left(RankId rank) const { return left_.contains(rank); }
  // Null where a death ends the job.
  const Survival* survival() const { return survival_ ? &*survival_ : nullptr; }
  // For checking.
  AgentState state(Instant now) const;
  RankTotals totals() const;

 private:
  void handle(TaskBatch& m, RankId from, Instant now);
  void handle(EndBatch& m, RankId from, Instant now);
  void handle(CreditReturn& m, RankId from, Instant now);
  void handle(StealRequest& m, RankId from, Instant now);
  void handle(HandOver& m, RankId from, Instant now);
  void handle(HandOverAnswer& m, RankId from, Instant now);
  void handle(MovedBatch& m, RankId from, Instant now);
  void handle(IdleToken& m, RankId from, Instant now);
  void handle(NodeReport& m, RankId from, Instant now);
  void handle(MergedView& m, RankId from, Instant now);
  void handle(CountRequest& m, RankId from, Instant now);
  void handle(CountAnswer& m, RankId from, Instant now);
  void handle(EpochEnd& m, RankId from, Instant now);
  void handle(StopAdmission& m, RankId from, Instant now);
  void handle(Probe& m, RankId from, Instant now);
  void handle(ProbeAnswer& m, RankId from, Instant now);
  void handle(ReservationBatch& m, RankId from, Instant now);
  void handle(Cancellation& m, RankId from, Instant now);
  void handle(Revocation& m, RankId from, Instant now);
  void handle(TaskRequest& m, RankId from, Instant now);
  void handle(RequestAnswer& m, RankId from, Instant now);
  void handle(Directive& m, RankId from, Instant now);
  void handle(SubtreeReport& m, RankId from, Instant now);
  void handle(EntryNodes& m, RankId from, Instant now);
  void handle(Outlook& m, RankId from, Instant now);
  void handle(MoveOrder& m, RankId from, Instant now);
  void handle(MoveOffer& m, RankId from, Instant now);
  void handle(MoveDone& m, RankId from, Instant now);
  void handle(MoveQuota& m, RankId from, Instant now);
  void handle(StealHint& m, RankId from, Instant now);
  void handle(ContentionReport& m, RankId from, Instant now);
  void handle(ContentionOutlook& m, RankId from, Instant now);
  void handle(CapacityReport& m, RankId from, Instant now);
  void handle(CapacityOrder& m, RankId from, Instant now);
  void handle(ServiceSamples& m, RankId from, Instant now);
  void handle(EstimatorWeights& m, RankId from, Instant now);
  void handle(WeightsReport& m, RankId from, Instant now);
  void handle(AverageWeights& m, RankId from, Instant now);
  void handle(Exclusion& m, RankId from, Instant now);
  void handle(HomeCopy& m, RankId from, Instant now);
  void handle(FinalWord& m, RankId from, Instant now);
  void handle(Leave& m, RankId from, Instant now);
  void handle(Farewell& m, RankId from, Instant now);
  // Of sessions, which take them before they come here.
  void handle(DataRequest&, RankId, Instant) {}
  void handle(DataAnswer&, RankId, Instant) {}

  void pull_from_source(Instant now);
  bool takes_from_source() const;
  void drop_at_home(Task task, Instant now);
  void place(TaskEntry& entry, Instant now, RankId preferred = kNoRank);
  void send_probes(Instant now);
  void move_work(Instant now);
  void send_out(Instant now);
  void bind_late(Instant now);
  void note_move(TaskEntry& entry, RankId owner);
  void on_end(TaskEnd end, RankId node, Instant now);
  void on_unsendable(TaskEnd end, Instant now);
  void settle(TaskEntry& entry, TaskEnd end, RankId node, Instant now);
  void complete(TaskEntry& entry, TaskEnd end, RankId node, Instant now);
  void retry(TaskEntry& entry, Instant now);
  void on_sign(RankId node, Instant made, Instant now);
  void look_for_silent(Instant now);
  std::vector<RankId> nodes_with_business() const;
  bool may_suspect(RankId node) const;
  bool must_stay(const TaskEntry& entry) const;
  void give_elsewhere(RankId node, Instant now);
  bool heeds(const Envelope& envelope, Instant now);
  Exclusion all_out() const;
  void exclude(std::span<const RankId> ranks, bool found_here, Instant now);
  void tell_others_of(const std::vector<RankId>& news);
  void forget(RankId rank, Instant now);
  void count_losses(RankId rank);
  void fail_what_stays(RankId node, Instant now);
  bool is_lost(RankId node) const;
  void keep_off_those_who_left(Instant now);
  void take_new_place();
  std::vector<RankId> neighbours() const;
  void send_copy_if_due(Instant now);
  void say_final_word(Instant now);
  void tell(Instant now);
  void tell_what_moved(Instant now);
  void tell_capacity(Instant now);
  void tell_samples(Instant now);
  void tell_leaf(Message message, Instant now);
  void hear_coordinators(Instant now);
  void follow_guide(Instant now);
  void count_if_due(Instant now);
  void end_epoch(std::uint32_t epoch, Instant now);
  bool exhausted() const;
  void check_invariants(Instant now) const;
  void tell_all_others(const Message& message);

  NodeAgentOptions options_;
  Transport& transport_;
  Executor& executor_;
  Policy& policy_;
  CompletionSink& sink_;
  TaskSource* source_;
  HomeCopies* copies_;
  RankId self_;
  TreePlace place_;

  TaskTable table_;
  ClusterState cluster_;
  Router router_;
  UnboundTasks unbound_;
  NodeMeter meter_;
  WorkHost host_;
  NodeAllocator allocator_;
  std::optional<NodeCapacity> capacity_;
  HandOverDesk desk_;
  IdleTokenSender tokens_;
  ReportDesk reports_;
  CoordinatorStack coordinators_;
  HomeGuide guide_;
  Suspicion suspicion_;
  std::optional<Survival> survival_;
  std::set<RankId> left_;  // that said farewell

  NodeAgentCounts counts_;
  std::uint64_t answers_sent_ = 0;  // to rounds of counts
  std::uint64_t reports_sent_ = 0;  // of contention and moves
  bool report_waits_ = false;       // for one round, because work was to leave first
  Instant last_contention_{};       // told
  Instant next_samples_ = kNever;   // to be told, where this home learns
  Instant directive_expires_ = kNever;
  Instant last_work_{};   // handed on, to a worker or another rank
  Instant last_heard_{};  // the instant of the newest event: what next_wakeup() measures from
  bool closed_ = false;
  bool stopped_ = false;
  bool finish_after_epoch_ = false;
  std::uint32_t ended_epochs_ = 0;
  std::vector<Task> local_tasks_;
  std::vector<TaskEnd> local_ends_;
  std::vector<TaskEnd> unsendable_;
  std::vector<RankId> probed_;
};

}  // namespace weir
