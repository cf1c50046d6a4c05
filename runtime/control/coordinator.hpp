// One coordinator of the tree, of any level. It takes the reports of its children and shows them to
// the decision maker, whose answer says how tasks divide over them; it reports to the one above as
// if all below were one node; and it passes down what homes need: at level 1 the views of the nodes
// of its cluster and their shares, above that which share each cluster is to have and which of its
// nodes to use. Events in, messages out.
//
// Without others above and beside it, a coordinator of level 1 is the relay that gives every home
// the views of all nodes.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/advice_desk.hpp"
#include "runtime/control/capacity_desk.hpp"
#include "runtime/control/contention_pool.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/control/entry_nodes.hpp"
#include "runtime/control/learning_desk.hpp"
#include "runtime/control/migration_desk.hpp"
#include "runtime/control/outgoing.hpp"
#include "runtime/control/subtree_report.hpp"
#include "runtime/control/termination.hpp"
#include "runtime/environment/advisor.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct CoordinatorOptions {
  Duration interval{0};                             // between the reports of a node
  Duration advice_interval{0};                      // between questions to the advisor, at least
  int lifetime_ticks = AdviceDesk::kUsualLifetime;  // of what is passed down, in those intervals
  int node_count = 1;                               // of the job
  // Who neither places tasks nor looks for some has no use for the others' reports.
  int dispatcher_count = 1;
  int lost_home_count = 0;  // so many of those are out
  // One that places tasks in their place, because all are out; kNoRank: nobody.
  RankId further_home = kNoRank;
  bool all_read = false;
  // Where queued tasks move; the observer may be null, and outlives the coordinator.
  std::optional<MigrationOptions> migration = {};
  MoveObserver* move_observer = nullptr;
  // A child that has not reported for so long gets no views, directives and outlooks of any kind: a
  // stopped rank takes nothing in, and what MPI can keep for it is what other ranks could have
  // sent. Zero: whatever it says.
  Duration longest_silence{0};
  // Where nodes are parked and called back; the forecaster and the adviser may be null, and
  // outlive the coordinator.
  std::optional<CapacityPlannerOptions> capacity = {};
  DemandForecaster* demand = nullptr;
  CapacityAdviser* adviser = nullptr;
  // Where homes learn while they run, and with what.
  OnlineLearning online = OnlineLearning::kOff;
  LearningParts learning = {};
};

class Coordinator {
 public:
  using Out = std::vector<Outgoing>;

  // `advisor` may be null, and outlives the coordinator.
  Coordinator(CoordinatorRole role, const CoordinatorOptions& options, Advisor* advisor);

  const CoordinatorRole& role() const { return role_; }
  bool is_root() const { return role_.parent == kNoRank; }
  bool has_child(RankId rank) const;

  void on(NodeReport& report, RankId child, Instant now, Out& out);
  void on(SubtreeReport& report, RankId child, Instant now, Out& out);
  void on(EntryNodes& entries, RankId child, Instant now, Out& out);
  void on(Outlook& outlook, RankId parent, Instant now, Out& out);
  void on(ContentionReport& report, RankId child, Instant now, Out& out);
  void on(ContentionOutlook& outlook, RankId parent, Instant now, Out& out);
  void on(CapacityReport& report, RankId child, Instant now, Out& out);
  void on(CapacityOrder& order, RankId parent, Instant now, Out& out);
  void on(ServiceSamples& samples, RankId child, Instant now, Out& out);
  void on(WeightsReport& report, RankId child, Instant now, Out& out);
  void on(AverageWeights& average, RankId parent, Instant now, Out& out);

  void on(MoveQuota& quota, RankId parent, Instant now, Out& out);
  void on(MoveDone& done, RankId child, Instant now, Out& out);

  // When tell() has something to say.
  Instant next_due() const;
  void tell(Instant now, Out& out);

  // Shows the advisor what is known, if it is time to; and hands its answer out.
  void ask_advisor(Instant now);
  void hand_out_advice(Instant now, Out& out);
  // Of the cluster, at level 1 where homes learn; else null.
  const OnlineLearner* learner() const { return learning_ ? learning_->learner() : nullptr; }

  Instant next_answer() const { return advice_ ? advice_->next_wakeup() : kNever; }

  // At the root: starts a round of counts if it is time to. Where the epoch is over, its end is
  // told to all.
  void count_if_due(std::uint32_t epoch, Instant now, Out& out);
  Instant next_count() const { return termination_.next_wakeup(); }
  void on(CountRequest& request, RankId parent, Instant now, Out& out);
  void on(CountAnswer& answer, RankId child, Instant now, Out& out);
  void on(EpochEnd& end, RankId parent, Instant now, Out& out);

 private:
  // By child, then by class: which part of what goes to all of them.
  using Shares = std::vector<std::vector<float>>;

  std::size_t position_of(RankId child) const;
  bool knows_all() const;
  Instant after_first(Instant last, bool has_told, Duration pause) const;
  Instant next_views() const;
  void send_views(Instant now, Out& out);
  Instant next_report() const;
  void report_to_parent(Instant now, Out& out);
  std::vector<EntryCluster> clusters_below(Instant now) const;
  HomeCounts home_counts() const;
  Duration outlook_pause() const;
  Instant next_outlook() const;
  Instant next_capacity() const { return capacity_ ? capacity_->next_due() : kNever; }
  Instant next_learning() const { return learning_ ? learning_->next_due() : kNever; }
  Instant next_moves() const { return migration_ ? migration_->next_due() : kNever; }
  void send_outlook(Instant now, Out& out);
  Outlook outlook_for(std::size_t position, const Shares& shares, Instant now) const;
  Shares shares_of_children(Instant now) const;
  const Directive* plan(Instant now) const;
  int home_count() const { return options_.dispatcher_count - options_.lost_home_count; }
  bool places_tasks(RankId child) const {
    return child.value() < options_.dispatcher_count || child == options_.further_home;
  }
  bool reads_views(RankId child) const;
  bool is_silent(RankId child, Instant now) const;
  void share_contention(Instant now, Out& out);
  void tell_children(const Message& message, Out& out) const;
  void tell_lively_children(const Message& message, Instant now, Out& out) const;

  CoordinatorRole role_;
  CoordinatorOptions options_;
  // By position among the children; a report with sequence 0 has not come yet.
  std::vector<NodeReport> newest_;
  std::vector<Instant> heard_;  // when a report came last
  std::vector<bool> is_news_;
  std::vector<std::size_t> news_;  // positions, in the order their first new report came
  Instant last_views_{};

  // Above and below others.
  Instant first_heard_ = kNever;
  bool has_reported_ = false;
  bool has_told_outlook_ = false;
  bool is_changed_ = false;  // since the last report upward
  Instant last_report_{};
  SubtreeReporter reporter_;
  std::vector<std::vector<EntryCluster>> entries_;  // by child; at level 1 none
  bool has_outlook_ = false;                        // for the children
  Instant last_outlook_{};
  std::int64_t last_outlook_size_ = 0;  // nodes, told to all children together
  Outlook above_;
  Instant above_expires_{};

  std::optional<MigrationDesk> migration_;
  ContentionPool contention_;
  std::optional<CapacityDesk> capacity_;
  std::optional<LearningDesk> learning_;
  std::optional<AdviceDesk> advice_;
  Directive plan_;  // the newest one
  Instant plan_expires_{};
  TerminationDetector termination_;
};

}  // namespace weir
