// The numbers of a rule that can be tuned: what there is to set, and what was set.

#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "runtime/policy/policy_name.hpp"

namespace weir {

struct PolicyParameter {
  std::string_view name;
  double standard;  // the value where none is given
  double least;
  double most;  // both are allowed themselves
  std::string_view description;
  bool whole = false;  // only whole numbers are allowed
};

// One value for every parameter of a policy.
class ParameterValues {
 public:
  // The settings given, standard values else. Throws Error for a key that the policy does not have
  // or that comes twice, and for a value that is no number or out of range. `parameters` outlives
  // the values.
  ParameterValues(std::string_view policy, std::span<const PolicyParameter> parameters,
                  std::span<const PolicySetting> settings);

  // The parameter exists.
  double operator[](std::string_view parameter) const;

 private:
  std::span<const PolicyParameter> parameters_;
  std::vector<double> values_;  // by position
};

}  // namespace weir
