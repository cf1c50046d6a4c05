#include "ml/training/experience/curriculum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// How much of what is not the floor a scenario gets, in proportion to the others.
std::vector<double> shares_of(const std::vector<double>& gaps) {
  double worst = 0;
  for (const double gap : gaps) {
    if (std::isfinite(gap)) worst = std::max(worst, gap);
  }
  const double unknown = worst > 0 ? worst : 1;
  std::vector<double> shares;
  double sum = 0;
  for (const double gap : gaps) {
    shares.push_back(std::isfinite(gap) ? std::max(0.0, gap) : unknown);
    sum += shares.back();
  }
  for (double& share : shares) share = sum > 0 ? share / sum : 1 / static_cast<double>(gaps.size());
  return shares;
}

}  // namespace

Curriculum::Curriculum(std::vector<std::string> scenarios, CurriculumOptions options)
    : scenarios_(std::move(scenarios)),
      options_(options),
      gaps_(scenarios_.size(), std::numeric_limits<double>::quiet_NaN()) {
  WEIR_CHECK(!scenarios_.empty(), "a curriculum without scenarios");
  WEIR_CHECK(options_.floor > 0 && options_.floor <= 1, "a floor that is no share");
  WEIR_CHECK(options_.step > 0 && options_.step <= 1, "results that never count, or too much");
}

void Curriculum::report(std::size_t scenario, double learner_cost, double rule_cost) {
  WEIR_CHECK(scenario < gaps_.size(), "no such scenario");
  WEIR_CHECK(rule_cost > 0 && std::isfinite(rule_cost) && std::isfinite(learner_cost),
             "costs that cannot be compared");
  const double found = learner_cost / rule_cost - 1;
  double& gap = gaps_[scenario];
  gap = std::isfinite(gap) ? gap + options_.step * (found - gap) : found;
}

double Curriculum::probability(std::size_t scenario) const {
  WEIR_CHECK(scenario < gaps_.size(), "no such scenario");
  return options_.floor / static_cast<double>(gaps_.size()) +
         (1 - options_.floor) * shares_of(gaps_)[scenario];
}

std::size_t Curriculum::draw(Random& random) const {
  double rest = random.uniform();
  for (std::size_t scenario = 0; scenario + 1 < gaps_.size(); ++scenario) {
    rest -= probability(scenario);
    if (rest < 0) return scenario;
  }
  return gaps_.size() - 1;
}

void Curriculum::set_gaps(std::vector<double> gaps) {
  WEIR_CHECK(gaps.size() == gaps_.size(), "gaps of other scenarios");
  gaps_ = std::move(gaps);
}

}  // namespace weir
