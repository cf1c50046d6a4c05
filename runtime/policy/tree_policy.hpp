// `tree`: a rule that is content with what the tree of coordinators shows a home: all nodes of its
// own cluster, a few of every other, and one directive over them (runtime/control/home_guide.hpp).
// How it chooses among those is another rule's business.

#pragma once

#include <memory>
#include <utility>

#include "runtime/policy/forwarding_policy.hpp"

namespace weir {

class TreePolicy final : public ForwardingPolicy {
 public:
  // `inner` knows nodes by rank, not by position: which ones it sees changes (policy/views.hpp).
  explicit TreePolicy(std::unique_ptr<Policy> inner) : ForwardingPolicy(std::move(inner)) {}

  bool follows_tree() const override { return true; }
};

}  // namespace weir
