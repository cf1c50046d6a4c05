// `local`: a task runs at its home. What other rules are compared with where all the work comes to
// one node, and what migration alone can do.

#pragma once

#include <memory>

#include "runtime/policy/forwarding_policy.hpp"
#include "runtime/policy/work_stealing_policy.hpp"

namespace weir {

// Places as `work_stealing` does, and leaves it at that.
class LocalPolicy final : public ForwardingPolicy {
 public:
  LocalPolicy() : ForwardingPolicy(std::make_unique<WorkStealingPolicy>()) {}

  bool steals() const override { return false; }
};

}  // namespace weir
