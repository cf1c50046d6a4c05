#include "tools/learning/control/limit_level.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "ml/inference/learned_limits.hpp"
#include "runtime/base/random.hpp"
#include "tools/learning/control/sticky_explorer.hpp"
#include "tools/settings/scenario_nodes.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {
namespace {

// What a change of a limit costs, as the homes hear of it late.
constexpr double kCostOfOffset = 0.01;
// Arrivals are smoothed over about two seconds of ticks. At fewer a second than one nothing is
// known of what a task takes.
constexpr double kArrivalGain = 1.0 / 8;
constexpr double kFewestArrivals = 1;
constexpr double kShareOfNode = 0.5;

// For how many seconds a task is there, tick by tick: tasks over arrivals per second.
class StaySeries {
 public:
  void note(double tasks, double completed, double tick_s) {
    const double arrived = std::max(0.0, tasks - tasks_ + completed) / tick_s;
    tasks_ = tasks;
    arrivals_ += kArrivalGain * (arrived - arrivals_);
    stays_.push_back(tasks / std::max(kFewestArrivals, arrivals_));
  }
  const std::vector<double>& stays() const { return stays_; }

 private:
  double tasks_ = 0;
  double arrivals_ = 0;  // per second, smoothed
  std::vector<double> stays_;
};

// Looks over the shoulder of one node, and has it explore, class by class.
class TrackedNode final : public LimitAdviser, public DecisionWatch {
 public:
  TrackedNode(RankId rank, const ControlActor& actor, const SimulateOptions& world,
              const SimTime& now)
      : world_(world), now_(now), learned_(network_of(actor, this)) {
    for (std::size_t i = 0; i < kernel_class_names().size(); ++i) {
      const std::uint64_t number = static_cast<std::uint64_t>(rank.value()) * kMaxClasses + i;
      classes_.push_back({StickyExplorer(actor.epsilon, Random(actor.seed, number)), {}});
    }
  }
  TrackedNode(const TrackedNode&) = delete;
  TrackedNode& operator=(const TrackedNode&) = delete;

  int step(const LimitView& view) override {
    asked_of_ = view.task_class;
    return learned_.step(view);
  }

  void on_decision(std::span<const float> features, std::span<const float> values,
                   std::uint8_t& action) override {
    OfClass& of_class = classes_[asked_of_.value()];
    const std::vector<std::uint8_t> feasible(values.size(), 1);
    Actions actions{action};
    of_class.explorer.change(actions, values, feasible, values.size());
    action = actions[0];
    const Duration now = now_.time_since_epoch();
    if (now < world_.warm_up || (world_.run.duration && now > *world_.run.duration)) return;
    ControlStep step;
    step.observation.context.assign(features.begin(), features.end());
    step.observation.rule_actions.assign(1, LearnedLimits::kHold);
    step.own_cost = action == LearnedLimits::kHold ? 0 : kCostOfOffset;
    step.actions = std::move(actions);
    step.at = now;
    of_class.track.push_back(std::move(step));
  }

  std::vector<ControlTrack> take() {
    std::vector<ControlTrack> tracks;
    for (OfClass& of_class : classes_) tracks.push_back(std::move(of_class.track));
    return tracks;
  }

 private:
  struct OfClass {
    StickyExplorer explorer;
    ControlTrack track;
  };

  static LearnedLimits network_of(const ControlActor& actor, DecisionWatch* watch) {
    if (actor.weights != nullptr) return {*actor.weights, "the learner", watch};
    return LearnedLimits(DenseNetwork(LearnedLimits::sizes()), watch);
  }

  const SimulateOptions& world_;
  const SimTime& now_;
  LearnedLimits learned_;
  ClassId asked_of_;
  std::vector<OfClass> classes_;
};

class TrackedLimits final : public SimulationWatch {
 public:
  TrackedLimits(const SimulateOptions& world, const ControlActor& actor)
      : world_(world),
        actor_(actor),
        stays_(static_cast<std::size_t>(nodes_of(world).node_count())),
        completed_(stays_.size()) {}

  LimitAdviser* limits_of(RankId rank, const SimTime& now) override {
    nodes_.push_back(std::make_unique<TrackedNode>(rank, actor_, world_, now));
    return nodes_.back().get();
  }

  void on_completed(const CompletedTask& task, Duration /*now*/) override {
    if (task.node != kNoRank) ++completed_[static_cast<std::size_t>(task.node.value())];
  }

  // Until the streams end: what drains after that says nothing.
  bool on_interval(Simulation& world, Duration now) override {
    if (world_.run.duration && now > *world_.run.duration) return true;
    const double tick_s = to_seconds(kInterval);
    double tasks = 0;
    double completed = 0;
    for (std::size_t i = 0; i < stays_.size(); ++i) {
      const ExecutorLoad load = world.load(RankId(static_cast<std::int32_t>(i)));
      const double here = double{1} * load.queued + load.running;
      stays_[i].note(here, completed_[i], tick_s);
      tasks += here;
      completed += std::exchange(completed_[i], 0);
    }
    all_stays_.note(tasks, completed, tick_s);
    return true;
  }

  ControlRun take() {
    ControlRun run;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      std::vector<double> costs = all_stays_.stays();
      for (std::size_t tick = 0; tick < costs.size(); ++tick) {
        costs[tick] += kShareOfNode * (stays_[i].stays()[tick] - costs[tick]);
      }
      for (ControlTrack& track : nodes_[i]->take()) {
        run.tracks.push_back(std::move(track));
        run.track_costs.push_back(costs);
      }
    }
    return run;
  }

 private:
  const SimulateOptions& world_;
  ControlActor actor_;
  std::vector<std::unique_ptr<TrackedNode>> nodes_;  // by rank
  std::vector<StaySeries> stays_;                    // likewise
  StaySeries all_stays_;
  std::vector<double> completed_;  // since the last interval, by rank
};

}  // namespace

std::string LimitLevel::kind() const { return LearnedLimits::kKind; }
std::int64_t LimitLevel::schema() const { return LimitFeatures::kSchema; }
Duration LimitLevel::tick() const { return SimulationWatch::kInterval; }

QShape LimitLevel::shape() const {
  return DenseShape{.inputs = LimitFeatures::kCount,
                    .hidden = {LearnedLimits::kHidden, LearnedLimits::kHidden},
                    .branches = {LearnedLimits::kActions}};
}

ControlRun LimitLevel::play(const SimulateOptions& world, const ControlActor& actor) const {
  SimulateOptions options = world;
  options.run.policy = "tree";
  TrackedLimits tracked(options, actor);
  SimulationWatch* const watches[] = {&tracked};
  const RunResult result = simulate(options, watches);
  ControlRun run = tracked.take();
  run.cost = to_seconds(result.tally.response().mean());
  return run;
}

}  // namespace weir
