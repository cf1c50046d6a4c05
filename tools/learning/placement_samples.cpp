#include "tools/learning/placement_samples.hpp"

#include <memory>
#include <unordered_map>
#include <utility>

#include "ml/inference/learned_policy.hpp"
#include "runtime/policy/forwarding_policy.hpp"
#include "runtime/policy/tree_policy.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {
namespace {

// Placements whose tasks have not ended.
using OpenPlacements = std::unordered_map<TaskId, PlacementSample>;

// As the learned policy, and notes what each placement went by.
class NotingPolicy final : public ForwardingPolicy {
 public:
  // `learned` is the policy inside `inner`.
  NotingPolicy(const LearnedPolicy& learned, std::unique_ptr<Policy> inner, OpenPlacements& open)
      : ForwardingPolicy(std::move(inner)), learned_(learned), open_(open) {}

  RankId place(const TaskView& task, const ClusterView& cluster) override {
    const RankId node = ForwardingPolicy::place(task, cluster);
    const PlacementSample& sample = learned_.last_sample();
    if (sample.told_s > 0) open_[task.id] = sample;
    return node;
  }

 private:
  const LearnedPolicy& learned_;
  OpenPlacements& open_;
};

class Collector final : public SimulationWatch {
 public:
  Collector(const ServiceEstimator& estimator, Duration warm_up)
      : estimator_(estimator), warm_up_(warm_up) {}

  std::unique_ptr<Policy> observed(RankId, std::unique_ptr<Policy>, const SimTime&) override {
    auto learned = std::make_unique<LearnedPolicy>(LearnedOptions{.guarded = false}, estimator_);
    const LearnedPolicy& noted = *learned;
    return std::make_unique<NotingPolicy>(noted, std::make_unique<TreePolicy>(std::move(learned)),
                                          open_);
  }

  void on_completed(const CompletedTask& task, Duration now) override {
    const auto placed = open_.find(task.header.id);
    if (placed == open_.end()) return;
    const PlacementSample sample = placed->second;
    open_.erase(placed);
    const bool is_told = task.status == TaskStatus::kDone && !task.moved;
    if (!is_told || now - task.response < warm_up_ || task.service <= Duration::zero()) return;
    samples_.push_back(
        {sample.features, static_cast<float>(to_seconds(task.service) / sample.told_s)});
  }

  std::vector<ServiceSample> take() { return std::move(samples_); }

 private:
  const ServiceEstimator& estimator_;
  Duration warm_up_;
  OpenPlacements open_;
  std::vector<ServiceSample> samples_;
};

}  // namespace

SampledRun sample_run(const SimulateOptions& scenario, const ServiceEstimator& estimator) {
  Collector collector(estimator, scenario.warm_up);
  SimulationWatch* const watches[] = {&collector};
  const RunResult result = simulate(scenario, watches);
  return {collector.take(), 1e3 * to_seconds(result.tally.response().mean())};
}

}  // namespace weir
