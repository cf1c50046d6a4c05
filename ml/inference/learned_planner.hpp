// The planner of `learned` with a Q-network: beside what the rule plans, what a class is to cost at
// a node beyond what the rule takes it for, as a logarithm that the homes add to the expected
// service (LearnedPolicy).
//
// Log-prices fade: at each plan every one of them is multiplied by kKept, and the network raises it
// by a step, lowers it, or holds, which is the rule's action: where it always holds, prices are
// zero and homes do as without it. They stay within PriceFeatures::kMostLogPrice. A Q-value that is
// not a number makes it hold everywhere.

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ml/inference/action_branches.hpp"
#include "ml/inference/node_set_network.hpp"
#include "ml/inference/price_features.hpp"
#include "ml/inference/weight_file.hpp"
#include "runtime/policy/planner.hpp"

namespace weir {

// A decision as it is made: for who trains the network.
struct PriceDecision {
  NodeSet set;                             // what it is about
  std::span<const std::uint8_t> feasible;  // as in greedy_actions()
  std::span<const NodeReport> reports;
  Instant now{};  // of the coordinator's clock
};

class PriceWatch {
 public:
  virtual ~PriceWatch() = default;
  // May change the actions to others that are feasible.
  virtual void on_decision(const PriceDecision& decision, Actions& actions) = 0;
};

class LearnedPlanner final : public Planner {
 public:
  static constexpr const char* kKind = "control";

  // The actions of a branch, one class at one node.
  static constexpr std::uint8_t kLower = 0;
  static constexpr std::uint8_t kHold = 1;
  static constexpr std::uint8_t kRaise = 2;

  static constexpr float kStep = 0.1F;
  static constexpr float kKept = 0.8F;

  // `network` is of PriceFeatures::shape(). The watch may be null, and outlives the planner.
  LearnedPlanner(std::unique_ptr<Planner> rule, NodeSetNetwork network,
                 PriceWatch* watch = nullptr);

  // The rule's directive, with log-prices.
  std::optional<Directive> plan(std::span<const NodeReport> reports, Instant now) override;
  // For the rule; the network looks at what was measured, as when it was trained.
  void plan_for(ArrivalOutlook& outlook) override { rule_->plan_for(outlook); }

 private:
  void find_feasible(std::size_t nodes);
  void prefer_hold(std::span<const float> values);
  void decide(std::span<const NodeReport> reports, Instant now);
  void move_prices(std::size_t nodes);

  std::unique_ptr<Planner> rule_;
  NodeSetNetwork network_;
  PriceWatch* watch_;
  PriceFeatures features_;
  std::vector<std::vector<float>> log_prices_;  // by class, then by node
  std::vector<std::uint8_t> feasible_;
  Actions actions_;
};

// What `--control` names: "none", nothing; "shipped", the network that comes with weir; else that
// of a file. Throws Error where there is none, or it is no such network.
std::optional<NodeSetNetwork> price_network_of(const std::string& source);
// The same in two steps: for who compares the weights with those of others.
std::optional<WeightFile> price_weights_of(const std::string& source);
NodeSetNetwork price_network_of(const WeightFile& weights, const std::string& source);

}  // namespace weir
