#include "tools/learning/control/capacity_level.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "ml/inference/learned_capacity.hpp"
#include "runtime/base/random.hpp"
#include "tools/learning/control/sticky_explorer.hpp"
#include "tools/settings/scenario_nodes.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {
namespace {

// A factor that changes calls back nodes, or parks them, which others have just been told of.
constexpr double kCostOfChange = 0.01;

class TrackedCapacity final : public SimulationWatch, public DecisionWatch {
 public:
  TrackedCapacity(const SimulateOptions& world, const ControlActor& actor, Duration tick)
      : nodes_(nodes_of(world)),
        warm_up_(world.warm_up),
        tick_(tick),
        explorer_(actor.epsilon, Random(actor.seed)) {
    if (actor.weights == nullptr) {
      learned_.emplace(DenseNetwork(LearnedCapacity::sizes()), this);
    } else {
      learned_.emplace(*actor.weights, "the learner", this);
    }
    for (int rank = 0; rank < nodes_.node_count(); ++rank) all_cores_ += cores_of(rank);
  }

  CapacityAdviser* adviser() override { return &*learned_; }

  void on_decision(std::span<const float> features, std::span<const float> values,
                   std::uint8_t& action) override {
    const std::vector<std::uint8_t> feasible(values.size(), 1);
    Actions actions{action};
    explorer_.change(actions, values, feasible, values.size());
    action = actions[0];
    const double own_cost = kCostOfChange * std::abs(LearnedCapacity::kFactors[action] -
                                                     LearnedCapacity::kFactors[last_action_]);
    last_action_ = action;
    if (now_ < warm_up_) return;
    ControlStep step;
    step.observation.context.assign(features.begin(), features.end());
    step.observation.rule_actions.assign(1, LearnedCapacity::kHold);
    step.actions = std::move(actions);
    step.at = now_;
    step.own_cost = own_cost;
    run_.tracks[0].push_back(std::move(step));
  }

  void on_completed(const CompletedTask& task, Duration now) override {
    const TaskHeader& header = task.header;
    const bool is_missed =
        header.deadline != kNever &&
        (task.status != TaskStatus::kDone || task.response > header.deadline - header.arrival);
    Second& second = second_of(now);
    second.tasks += 1;
    second.missed += is_missed ? 1 : 0;
  }

  bool on_interval(Simulation& world, Duration now) override {
    double powered = 0;
    for (int rank = 0; rank < nodes_.node_count(); ++rank) {
      powered += cores_of(rank) * to_seconds(world.powered(RankId(rank)));
    }
    second_of(now_).core_s += powered - powered_;
    powered_ = powered;
    now_ = now;
    return true;
  }

  ControlRun take() {
    double tasks = 0;
    for (const Second& second : seconds_) tasks += second.tasks;
    const double usual = tasks / static_cast<double>(std::max<std::size_t>(1, seconds_.size()));
    for (std::size_t i = 0; i < seconds_.size(); ++i) {
      const Second& second = seconds_[i];
      const double missed = usual > 0 ? second.missed / usual : 0;
      run_.costs.push_back(second.core_s / all_cores_ + CapacityLevel::kCostOfMiss * missed);
      if (tick_ * i >= warm_up_) run_.cost += run_.costs.back();
    }
    return std::move(run_);
  }

 private:
  struct Second {
    double tasks = 0;
    double missed = 0;
    double core_s = 0;
  };

  double cores_of(int rank) const { return nodes_.types[nodes_.type_of(rank)].cores; }
  Second& second_of(Duration now) {
    const auto position = static_cast<std::size_t>(now / tick_);
    if (seconds_.size() <= position) seconds_.resize(position + 1);
    return seconds_[position];
  }

  EmulationSpec nodes_;
  Duration warm_up_;
  Duration tick_;
  StickyExplorer explorer_;
  std::optional<LearnedCapacity> learned_;
  double all_cores_ = 0;
  Duration now_{0};  // of the last interval
  double powered_ = 0;
  std::uint8_t last_action_ = LearnedCapacity::kHold;
  std::vector<Second> seconds_;
  ControlRun run_{.tracks = std::vector<ControlTrack>(1)};
};

}  // namespace

std::string CapacityLevel::kind() const { return LearnedCapacity::kKind; }
std::int64_t CapacityLevel::schema() const { return CapacityFeatures::kSchema; }

QShape CapacityLevel::shape() const {
  return DenseShape{.inputs = CapacityFeatures::kCount,
                    .hidden = {LearnedCapacity::kHidden, LearnedCapacity::kHidden},
                    .branches = {LearnedCapacity::kFactors.size()}};
}

ControlRun CapacityLevel::play(const SimulateOptions& world, const ControlActor& actor) const {
  TrackedCapacity tracked(world, actor, tick());
  SimulationWatch* const watches[] = {&tracked};
  simulate(world, watches);
  return tracked.take();
}

}  // namespace weir
