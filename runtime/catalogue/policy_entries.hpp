// The list of all policies: what each is called, what can be tuned, and how it is made.

#pragma once

#include <memory>
#include <span>

#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/policy/policy_parameters.hpp"

namespace weir {

struct PolicyEntry {
  PolicyInfo info;
  std::unique_ptr<Policy> (*make)(const PolicyOptions&, const ParameterValues&);
  std::span<const PolicyParameter> parameters = {};
};

// In the order in which to show them; every name once.
std::span<const PolicyEntry> policy_entries();

}  // namespace weir
