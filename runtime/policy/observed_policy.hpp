// A policy with somebody who looks over its shoulder, for records and explanations.

#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "runtime/policy/forwarding_policy.hpp"

namespace weir {

class PlacementObserver {
 public:
  virtual ~PlacementObserver() = default;
  // The rule has chosen `chosen`, from exactly this view. Called before anything follows from it.
  virtual void on_placed(const TaskView& task, const ClusterView& cluster, RankId chosen) = 0;
};

// As `observed`; the observer, which outlives it, hears of each choice.
class ObservedPolicy final : public ForwardingPolicy {
 public:
  ObservedPolicy(std::unique_ptr<Policy> observed, PlacementObserver& observer)
      : ForwardingPolicy(std::move(observed)), observer_(observer) {}

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  // The first of the reserved nodes stands for all of them.
  void reserve(const TaskView& task, const ClusterView& cluster,
               std::vector<RankId>& nodes) override;

 private:
  PlacementObserver& observer_;
};

}  // namespace weir
