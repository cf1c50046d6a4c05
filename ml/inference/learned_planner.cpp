#include "ml/inference/learned_planner.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/inference/control_weights.hpp"
#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr std::size_t kActions = 3;
// Smaller ones have faded away.
constexpr float kLeastLogPrice = 0.005F;

float moved(float log_price, std::uint8_t action) {
  const float step = LearnedPlanner::kStep * (static_cast<float>(action) - 1);
  const float next = LearnedPlanner::kKept * log_price + step;
  if (std::abs(next) < kLeastLogPrice) return 0;
  return std::clamp(next, -PriceFeatures::kMostLogPrice, PriceFeatures::kMostLogPrice);
}

}  // namespace

LearnedPlanner::LearnedPlanner(std::unique_ptr<Planner> rule, NodeSetNetwork network,
                               PriceWatch* watch)
    : rule_(std::move(rule)), network_(std::move(network)), watch_(watch) {
  WEIR_CHECK(network_.shape() == PriceFeatures::shape(), "a network that looks at something else");
}

std::optional<Directive> LearnedPlanner::plan(std::span<const NodeReport> reports, Instant now) {
  std::optional<Directive> directive = rule_->plan(reports, now);
  if (!directive || !features_.look(reports, *directive, log_prices_, now)) return directive;
  log_prices_.resize(features_.class_count());
  for (auto& of_class : log_prices_) of_class.resize(reports.size(), 0);
  find_feasible(reports.size());
  decide(reports, now);
  move_prices(reports.size());
  directive->log_prices = log_prices_;
  return directive;
}

// Nothing moves the price of a node that is not there.
void LearnedPlanner::find_feasible(std::size_t nodes) {
  feasible_.assign(nodes * log_prices_.size() * kActions, 0);
  std::size_t first = 0;
  for (std::size_t node = 0; node < nodes; ++node) {
    for (std::size_t k = 0; k < log_prices_.size(); ++k, first += kActions) {
      feasible_[first + kHold] = 1;
      if (!features_.is_there(node)) continue;
      feasible_[first + kLower] = 1;
      feasible_[first + kRaise] = 1;
    }
  }
}

// The rule's action, where no other is worth more.
void LearnedPlanner::prefer_hold(std::span<const float> values) {
  for (std::size_t branch = 0; branch < actions_.size(); ++branch) {
    const auto of_branch = values.subspan(branch * kActions, kActions);
    if (of_branch[actions_[branch]] <= of_branch[kHold]) actions_[branch] = kHold;
  }
}

void LearnedPlanner::decide(std::span<const NodeReport> reports, Instant now) {
  const NodeSet set = features_.set();
  const ActionBranches branches =
      branches_of(network_.shape(), reports.size(), features_.class_count());
  const std::span<const float> values = network_.evaluate(set);
  if (std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    actions_ = greedy_actions(branches, values, feasible_);
    prefer_hold(values);
  } else {
    actions_.assign(branches.size(), kHold);
  }
  if (watch_ != nullptr) watch_->on_decision({set, feasible_, reports, now}, actions_);
}

void LearnedPlanner::move_prices(std::size_t nodes) {
  std::size_t branch = 0;
  for (std::size_t node = 0; node < nodes; ++node) {
    for (auto& of_class : log_prices_) {
      of_class[node] = features_.is_there(node) ? moved(of_class[node], actions_[branch]) : 0;
      ++branch;
    }
  }
}

std::optional<WeightFile> price_weights_of(const std::string& source) {
  return control_weights_of({.kind = LearnedPlanner::kKind,
                             .schema = PriceFeatures::kSchema,
                             .option = "--control",
                             .trained = "weir train control"},
                            source);
}

NodeSetNetwork price_network_of(const WeightFile& weights, const std::string& source) {
  return NodeSetNetwork(PriceFeatures::shape(), weights, source);
}

std::optional<NodeSetNetwork> price_network_of(const std::string& source) {
  const std::optional<WeightFile> weights = price_weights_of(source);
  if (!weights) return std::nullopt;
  return price_network_of(*weights, source);
}

}  // namespace weir
