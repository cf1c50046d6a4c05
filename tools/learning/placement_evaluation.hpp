// What a learned placement policy is worth: against the tree it corrects, against the best of the
// rules, and against the oracle; in each scenario on the same tasks.
//
// Each rule runs alone and "controlled": with the control inside nodes and the migration that the
// tree has by default. Alone is as its authors describe it and what most would use, controlled is
// the comparison at equal means.
//
// A policy passes where it is not more than 3 % worse in the mean and 5 % in the 99th percentile
// than the better of the tree and the best rule, and decides itself: one whose guard leaves all to
// the rule is as good as that, and shows nothing. Means compare at equal loss only: a policy that
// loses less than the better one passes, and one that loses more does not.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/experiment/experiment.hpp"
#include "tools/experiment/paired_bootstrap.hpp"

namespace weir {

inline constexpr double kMostMeanRatio = 1.03;
inline constexpr double kMostP99Ratio = 1.05;
// Share of the placements left to the rule. Comparing takes 17 %, and half are left in `fresh`.
inline constexpr double kMostLeft = 0.9;

struct EvaluationPlan {
  std::vector<NamedScenario> scenarios;
  std::vector<std::string> rules;  // beside the tree
  std::string tuned_folder;        // of rules, as `weir tune` leaves it; empty: standard parameters
  std::string weights;             // file; empty: those that come with weir
  std::uint64_t first_seed = 1;
  int seed_count = 20;
};

// By scenario, then policy, then seed; policies are learned, tree, oracle, the rules alone and the
// rules controlled.
std::vector<Trial> trials_of(const EvaluationPlan& plan);

struct EvaluationLine {
  std::string scenario;
  double learned_ms = 0;
  double tree_ms = 0;
  double oracle_ms = 0;
  std::string best_rule;  // alone or controlled, the least mean at the least loss
  double best_rule_ms = 0;
  RatioEstimate to_tree;
  RatioEstimate to_best;  // to the better of the tree and the best rule
  double p99_ratio = 1;   // likewise
  double differing = 0;   // share of the placements that were the network's own
  double left_to_rule = 0;
  double more_loss = 0;  // share of the tasks that were lost beyond what the better one lost

  // Of the way from the tree to the oracle; nothing where the oracle is not better by one per cent.
  std::optional<double> gap_closed() const;
  bool passes() const;
};

// Outcomes in the order of the trials, all there.
std::vector<EvaluationLine> lines_of(const EvaluationPlan& plan,
                                     const std::vector<std::optional<Measured>>& outcomes);

}  // namespace weir
