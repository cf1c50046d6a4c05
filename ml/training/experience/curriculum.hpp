// Which scenario the learner plays next: more often one in which it does worse than the rule, and
// none so rarely that it is forgotten.
//
// A scenario's gap is how much worse the learner is, as a share of the rule's cost; 0 where it is
// no worse. A part of the draws, the floor, goes to all scenarios alike; the rest is shared in
// proportion to the gaps. A scenario that nobody has judged yet counts as much as the worst of the
// others.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir {

struct CurriculumOptions {
  double floor = 0.3;  // the share of draws that all scenarios share alike; above 0, at most 1
  double step = 0.3;   // how far a new result moves the gap of before; above 0, at most 1
};

class Curriculum {
 public:
  // At least one scenario.
  explicit Curriculum(std::vector<std::string> scenarios, CurriculumOptions options = {});

  const std::vector<std::string>& scenarios() const { return scenarios_; }

  // Costs of the same episodes, such as mean response in seconds: smaller is better. That of the
  // rule is above zero.
  void report(std::size_t scenario, double learner_cost, double rule_cost);

  double probability(std::size_t scenario) const;
  std::size_t draw(Random& random) const;

  // The learner's cost over the rule's, less 1, smoothed; no number where nothing was reported. To
  // be kept and given back to a curriculum of the same scenarios.
  const std::vector<double>& gaps() const { return gaps_; }
  void set_gaps(std::vector<double> gaps);

 private:
  std::vector<std::string> scenarios_;
  CurriculumOptions options_;
  std::vector<double> gaps_;
};

}  // namespace weir
