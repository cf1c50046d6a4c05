// The privileged reference: a rule that knows the truth. It sees what every task takes, how fast
// every node is at this instant, what runs and waits everywhere and what all homes have under way,
// and gives each task to the node where it adds least: its own completion, and the time that
// memory-hungry tasks lose to it where it is one. Greedy, one task at a time: it is a reference,
// not a bound.
//
// It may be told less, which says what a part of the truth is worth.
//
// Exists in simulations only. Nothing it sees reaches another rule.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/exec/service_model.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/sim/rank_clock.hpp"
#include "runtime/sim/sim_time.hpp"

namespace weir {

inline constexpr std::string_view kOraclePolicy = "oracle";

struct OracleKnowledge {
  // Else it takes every task for a mean one of its class.
  bool knows_sizes = true;
  // It knows how fast nodes were so long ago, and before that how fast they began. Not negative. Of
  // interference and of nodes that are away it knows at once.
  Duration speed_delay{0};
};

// What is true of all nodes; shared by the policies of all homes. One thread.
class OracleView {
 public:
  // `now` is the time of the world and outlives the view.
  explicit OracleView(const SimTime& now, const OracleKnowledge& knowledge = {})
      : now_(now), knowledge_(knowledge) {}

  // In the order of ranks. `model` is that of the node, as `clock` sees it.
  void add_node(ServiceModel model, const RankClock& clock);
  // A node that is stopped, parked or dead gets nothing while another one is available.
  void set_available(RankId node, bool available);

  // Counts the task there until it is completed.
  RankId place(const TaskHeader& task);
  // It has come back from there, done or dropped.
  void on_completed(RankId node, TaskId task);

 private:
  struct Placed {
    SimTime ends{};  // as it was to be expected when it was placed
    TaskId id;
    bool hungry = false;
  };
  struct Node {
    ServiceModel model;
    RankClock clock;
    bool available = true;
    std::uint32_t hungry_count = 0;
    std::vector<Placed> tasks{};  // under way, queued or running; by expected end
  };
  struct Estimate {
    SimTime ends{};
    double cost_s = 0;
  };

  Estimate estimate(Node& node, const TaskHeader& task) const;

  const SimTime& now_;
  OracleKnowledge knowledge_;
  std::vector<Node> nodes_;
  std::size_t available_count_ = 0;
};

// The face that one home sees. `view` outlives it.
class OraclePolicy final : public Policy {
 public:
  explicit OraclePolicy(OracleView& view) : view_(view) {}

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  OracleView& view_;
};

}  // namespace weir
