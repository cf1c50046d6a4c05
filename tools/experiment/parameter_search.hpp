// Finds good parameters of a policy within a budget of runs.
//
// Half of the budget explores: a Latin hypercube over the box of all parameters, so that each
// parameter is seen at many values however many there are (M. McKay, R. Beckman and W. Conover,
// Technometrics 21, 1979). The candidates are thinned by successive halving: all run on one seed,
// the better half on the next, and so on (K. Jamieson and A. Talwalkar, AISTATS 2016); the same
// seeds for all, so that luck is shared. The other half refines the best one: steps along one
// parameter at a time, half as long whenever none of them helps. The standard values always take
// part, so that tuning never ends worse than it began on its own seeds.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "runtime/policy/policy_parameters.hpp"

namespace weir {

struct SearchOptions {
  int budget = 60;         // runs: one of a candidate on one seed
  int seed_count = 4;      // on which a candidate that gets far is judged
  std::uint64_t seed = 1;  // of the search itself
};

// One value per parameter.
using ParameterPoint = std::vector<double>;

// Costs of several candidates on one tuning seed, 0 to seed_count - 1, in their order; to be made
// as small as possible. Nothing: the search is to stop.
using CandidateCosts = std::function<std::optional<std::vector<double>>(
    const std::vector<ParameterPoint>& candidates, int seed)>;

struct FoundParameters {
  ParameterPoint best;
  double cost = 0;           // mean over all tuning seeds
  double standard_cost = 0;  // of the standard values, the same
  int runs = 0;
};

// Equal inputs, equal results. Nothing where the costs stopped. A policy without parameters has
// nothing to search: `parameters` is not empty.
std::optional<FoundParameters> search_parameters(const std::vector<PolicyParameter>& parameters,
                                                 const SearchOptions& options,
                                                 const CandidateCosts& costs);

}  // namespace weir
