// A policy that does as another one in everything; what derives from it changes one thing. The one
// place where a hook that is new has to be forwarded.

#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/policy/decision_counts.hpp"
#include "runtime/policy/planner.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

class ForwardingPolicy : public Policy {
 public:
  RankId place(const TaskView& task, const ClusterView& cluster) override {
    return inner_->place(task, cluster);
  }
  void on_report(const NodeView& node) override { inner_->on_report(node); }
  void on_completion(TaskId task, RankId node, ClassId task_class, Duration response,
                     Duration service) override {
    inner_->on_completion(task, node, task_class, response, service);
  }
  void on_token(RankId node) override { inner_->on_token(node); }
  void on_directive(const Directive& directive) override { inner_->on_directive(directive); }
  void on_directive_expired() override { inner_->on_directive_expired(); }
  void choose_probes(const ClusterView& cluster, std::vector<RankId>& nodes) override {
    inner_->choose_probes(cluster, nodes);
  }
  void on_probe_answer(const ProbeReading& reading, Instant now) override {
    inner_->on_probe_answer(reading, now);
  }
  void reserve(const TaskView& task, const ClusterView& cluster,
               std::vector<RankId>& nodes) override {
    inner_->reserve(task, cluster, nodes);
  }
  bool probes() const override { return inner_->probes(); }
  bool binds_late() const override { return inner_->binds_late(); }
  std::unique_ptr<Planner> make_planner(int level) const override {
    return inner_->make_planner(level);
  }
  bool follows_tree() const override { return inner_->follows_tree(); }
  bool wants_tokens() const override { return inner_->wants_tokens(); }
  bool steals() const override { return inner_->steals(); }
  std::optional<ServiceSamples> take_samples() override { return inner_->take_samples(); }
  void on_weights(const EstimatorWeights& weights) override { inner_->on_weights(weights); }
  std::optional<DecisionCounts> decision_counts() const override {
    return inner_->decision_counts();
  }

 protected:
  explicit ForwardingPolicy(std::unique_ptr<Policy> inner) : inner_(std::move(inner)) {
    WEIR_CHECK(inner_ != nullptr, "no policy to forward to");
  }

 private:
  std::unique_ptr<Policy> inner_;
};

}  // namespace weir
