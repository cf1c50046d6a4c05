// A placement rule: plain values in, a node out. An object with state, used by one home's control
// thread.

#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/policy/decision_counts.hpp"
#include "runtime/policy/planner.hpp"
#include "runtime/policy/views.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// What a node answered to a probe.
struct ProbeReading {
  RankId node;
  double in_flight = 0;  // tasks queued or running there, whoever sent them
  double cores = 1;
  Duration latency{0};  // of recent tasks that came to about as many; zero: unknown
};

class Policy {
 public:
  virtual ~Policy() = default;

  // Equal state and inputs give equal choices; ties go to the lowest rank. Never a node without
  // capacity; at least one node must have some. Does not allocate, except where the number of nodes
  // or their capacity differs from the call before.
  virtual RankId place(const TaskView& task, const ClusterView& cluster) = 0;

  // What a node reported has reached this home.
  virtual void on_report(const NodeView& /*node*/) {}
  // A task placed by this home has ended at `node`; `response` is from placement to return.
  virtual void on_completion(TaskId /*task*/, RankId /*node*/, ClassId /*task_class*/,
                             Duration /*response*/, Duration /*service*/) {}
  // `node` has an idle worker and told only this home.
  virtual void on_token(RankId /*node*/) {}
  // How the tasks of each class are to divide over the nodes, by the planner of the job; and that
  // none has come for too long, so that the rule is on its own again.
  virtual void on_directive(const Directive& /*directive*/) {}
  virtual void on_directive_expired() {}

  // Appends the nodes to probe now that a task has been placed. Each answers, some time later.
  virtual void choose_probes(const ClusterView& /*cluster*/, std::vector<RankId>& /*nodes*/) {}
  virtual void on_probe_answer(const ProbeReading& /*reading*/, Instant /*now*/) {}

  // In place of place(), where the policy binds late: fills the empty `nodes` with those that may
  // have the task, each once and at least one. It goes to the first of them that asks for it.
  virtual void reserve(const TaskView& task, const ClusterView& cluster,
                       std::vector<RankId>& nodes) {
    nodes.push_back(place(task, cluster));
  }

  // Nodes keep the latencies that probes ask for only where the policy probes.
  virtual bool probes() const { return false; }
  // Tasks that may run anywhere wait at their home until a node asks.
  virtual bool binds_late() const { return false; }

  // The planner whose directives the policy follows; null: it follows none. Asked once for each
  // coordinator: at level 1 its children are nodes, above that whole parts of the tree.
  virtual std::unique_ptr<Planner> make_planner(int /*level*/) const { return nullptr; }
  // Whether the policy is content with what a tree of coordinators shows it of a large job. Others
  // are shown all nodes.
  virtual bool follows_tree() const { return false; }
  // Nodes send idle tokens only where the policy lives on them.
  virtual bool wants_tokens() const { return false; }
  // Idle nodes ask loaded ones for work.
  virtual bool steals() const { return false; }

  // Where the policy learns while it runs: some of its tasks that have ended since the last call,
  // if any have, for its coordinator; and the weights that the coordinator has for it in return,
  // which may come twice and may be damaged.
  virtual std::optional<ServiceSamples> take_samples() { return std::nullopt; }
  virtual void on_weights(const EstimatorWeights& /*weights*/) {}

  // Where the policy has learned and a rule stands beside it: who decided, so far.
  virtual std::optional<DecisionCounts> decision_counts() const { return std::nullopt; }
};

}  // namespace weir
