#include "tools/learning/control/price_level.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "ml/inference/learned_planner.hpp"
#include "ml/inference/learned_policy.hpp"
#include "runtime/base/random.hpp"
#include "runtime/policy/forwarding_policy.hpp"
#include "runtime/policy/tree_policy.hpp"
#include "tools/learning/control/sticky_explorer.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {
namespace {

// What changes of prices cost, as homes then place by others than they have learned from.
constexpr double kCostOfStep = 0.01;

double tasks_in(std::span<const NodeReport> reports) {
  double tasks = 0;
  for (const NodeReport& report : reports) {
    for (const ClassLoad& load : report.classes) tasks += double{1} * load.queued + load.running;
  }
  return tasks;
}

// Tasks at all nodes, by tick.
class TaskSeries {
 public:
  explicit TaskSeries(Duration tick) : tick_(tick) {}

  void add_coordinator() { latest_.push_back(0); }
  void note(std::size_t coordinator, double tasks, Duration now) {
    latest_[coordinator] = tasks;
    double sum = 0;
    for (const double each : latest_) sum += each;
    // Ticks in which nobody spoke are as the one before.
    const auto position = static_cast<std::size_t>(now / tick_);
    const double before = series_.empty() ? 0 : series_.back();
    if (series_.size() <= position) series_.resize(position + 1, before);
    series_[position] = sum;
  }
  std::vector<double> take() { return std::move(series_); }

 private:
  Duration tick_;
  std::vector<double> latest_;  // by coordinator
  std::vector<double> series_;
};

// Looks over the shoulder of one coordinator, and has it explore.
class TrackedCoordinator final : public PriceWatch {
 public:
  TrackedCoordinator(std::size_t number, const ControlActor& actor, Duration kept_from,
                     const SimTime& now, TaskSeries& series)
      : number_(number),
        is_kept_from_(kept_from),
        explorer_(actor.epsilon, Random(actor.seed, number)),
        now_(now),
        series_(series) {}

  void on_decision(const PriceDecision& decision, Actions& actions) override {
    explorer_.change(actions, {}, decision.feasible, PriceFeatures::shape().node_actions);
    const Duration now = now_.time_since_epoch();
    series_.note(number_, tasks_in(decision.reports), now);
    if (now < is_kept_from_) return;
    const auto moves = actions.size() - std::ranges::count(actions, LearnedPlanner::kHold);
    const double moved = static_cast<double>(moves) / static_cast<double>(actions.size());
    const auto copy = [](auto span) { return std::vector(span.begin(), span.end()); };
    track_.push_back(
        {.observation = {.nodes = copy(decision.set.nodes),
                         .classes = copy(decision.set.classes),
                         .context = copy(decision.set.context),
                         .feasible = copy(decision.feasible),
                         .rule_actions = Actions(actions.size(), LearnedPlanner::kHold)},
         .actions = actions,
         .at = now,
         .own_cost = kCostOfStep * moved});
  }

  ControlTrack take() { return std::move(track_); }

 private:
  std::size_t number_;
  Duration is_kept_from_;
  StickyExplorer explorer_;
  const SimTime& now_;
  TaskSeries& series_;
  ControlTrack track_;
};

class TrackedWorld final : public SimulationWatch {
 public:
  TrackedWorld(const ControlActor& actor, Duration kept_from, Duration tick)
      : actor_(actor), kept_from_(kept_from), series_(tick), network_(PriceFeatures::shape()) {
    if (actor.weights != nullptr) network_ = price_network_of(*actor.weights, "the learner");
  }

  std::unique_ptr<Policy> observed(RankId, std::unique_ptr<Policy>, const SimTime& now) override;

  PriceWatch& add_coordinator(const SimTime& now) {
    coordinators_.push_back(std::make_unique<TrackedCoordinator>(coordinators_.size(), actor_,
                                                                 kept_from_, now, series_));
    series_.add_coordinator();
    return *coordinators_.back();
  }
  const NodeSetNetwork& network() const { return network_; }

  ControlRun take() {
    ControlRun run{.tracks = {}, .costs = series_.take()};
    for (auto& coordinator : coordinators_) run.tracks.push_back(coordinator->take());
    return run;
  }

 private:
  ControlActor actor_;
  Duration kept_from_;
  TaskSeries series_;
  NodeSetNetwork network_;
  ServiceEstimator estimator_ = service_estimator_of({});
  std::vector<std::unique_ptr<TrackedCoordinator>> coordinators_;
};

// `learned`, whose coordinators are watched.
class TrackedPolicy final : public ForwardingPolicy {
 public:
  TrackedPolicy(std::unique_ptr<Policy> learned, TrackedWorld& world, const SimTime& now)
      : ForwardingPolicy(std::move(learned)), world_(world), now_(now) {}

  std::unique_ptr<Planner> make_planner(int level) const override {
    std::unique_ptr<Planner> rule = ForwardingPolicy::make_planner(level);
    if (level > 1) return rule;
    return std::make_unique<LearnedPlanner>(std::move(rule), world_.network(),
                                            &world_.add_coordinator(now_));
  }

 private:
  TrackedWorld& world_;
  const SimTime& now_;
};

std::unique_ptr<Policy> TrackedWorld::observed(RankId, std::unique_ptr<Policy>,
                                               const SimTime& now) {
  auto learned = std::make_unique<LearnedPolicy>(LearnedOptions{.guarded = false}, estimator_);
  return std::make_unique<TrackedPolicy>(std::make_unique<TreePolicy>(std::move(learned)), *this,
                                         now);
}

}  // namespace

std::string PriceLevel::kind() const { return LearnedPlanner::kKind; }
std::int64_t PriceLevel::schema() const { return PriceFeatures::kSchema; }
QShape PriceLevel::shape() const { return PriceFeatures::shape(); }

ControlRun PriceLevel::play(const SimulateOptions& world, const ControlActor& actor) const {
  SimulateOptions options = world;
  // In place of which `learned` is put, with its own weights.
  options.run.policy = "tree";
  TrackedWorld tracked(actor, options.warm_up, tick());
  SimulationWatch* const watches[] = {&tracked};
  const RunResult result = simulate(options, watches);
  ControlRun run = tracked.take();
  run.cost = to_seconds(result.tally.response().mean());
  return run;
}

}  // namespace weir
