// Policies by the names they have on the command line: NAME, NAME:key=value,key=value, and
// +work_stealing behind either.

#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "ml/inference/node_set_network.hpp"
#include "ml/inference/service_estimator.hpp"
#include "runtime/base/time.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/policy/policy_parameters.hpp"

namespace weir {

struct PolicyOptions {
  // Governs all homes of a run; each draws a sequence of its own from it.
  std::uint64_t seed = 1;
  // The home the policy chooses for.
  RankId home;
  // Homes that place tasks, at least 1; and the cores of the smallest node that runs tasks.
  // Together they say whether own counts are enough or idle tokens are needed
  // (join_fastest_idle_local).
  double dispatcher_count = 1;
  double min_node_cores = std::numeric_limits<double>::infinity();
  // What `learned` goes by; null: it corrects nothing. Only read while the policy is made.
  const ServiceEstimator* estimator = nullptr;
  // By which its planners price nodes; null: they do not. Outlives the policy.
  const NodeSetNetwork* prices = nullptr;
  // Whether `learned` keeps what became of its tasks, for others to learn from.
  bool learns = false;
  // By which `learned` knows how long its network thinks, so that the guard can end it. Empty: no
  // time passes while a policy thinks, as in virtual worlds.
  std::function<Instant()> clock;
};

struct PolicyInfo {
  std::string_view name;
  std::string_view description;  // one line
};

// All policies, in the order in which to show them.
std::vector<PolicyInfo> policy_catalogue();

// What can be tuned of the policy; empty where nothing can. Takes and refuses what make_policy()
// does.
std::vector<PolicyParameter> policy_parameters(std::string_view name);

// Whether that is `learned`, with or without parameters.
bool is_learned(std::string_view name);

// Throws Error for an unknown policy, with the names that come close, and for a parameter that the
// policy does not have or a value that it cannot have.
std::unique_ptr<Policy> make_policy(std::string_view name, const PolicyOptions& options);

}  // namespace weir
