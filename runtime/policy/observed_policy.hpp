// A policy with somebody who looks over its shoulder, for records and explanations.

#pragma once

#include <memory>

#include "runtime/policy/policy.hpp"

namespace weir {

class PlacementObserver {
 public:
  virtual ~PlacementObserver() = default;
  // The rule has chosen `chosen`, from exactly this view. Called before anything follows from it.
  virtual void on_placed(const TaskView& task, const ClusterView& cluster, RankId chosen) = 0;
};

// As `observed`, in every choice and wish; the observer, which outlives it, hears of each choice.
class ObservedPolicy final : public Policy {
 public:
  ObservedPolicy(std::unique_ptr<Policy> observed, PlacementObserver& observer);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_report(const NodeView& node) override;
  void on_completion(RankId node, ClassId task_class, Duration response, Duration service) override;
  void on_token(RankId node) override;
  bool wants_tokens() const override { return observed_->wants_tokens(); }
  bool steals() const override { return observed_->steals(); }

 private:
  std::unique_ptr<Policy> observed_;
  PlacementObserver& observer_;
};

}  // namespace weir
