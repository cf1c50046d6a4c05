#include "tools/experiment/rule_explanation.hpp"

#include <algorithm>
#include <limits>

#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/policy/node_costs.hpp"
#include "runtime/policy/node_services.hpp"
#include "runtime/policy/priced_shortest_expected_delay_policy.hpp"
#include "runtime/sim/oracle_policy.hpp"

namespace weir {
namespace {

constexpr double kNotInQuestion = std::numeric_limits<double>::infinity();

constexpr const char* kTurn = "whose turn it was";
constexpr const char* kDraw = "the random draw";
constexpr const char* kDrawnNodes = "which nodes were drawn";
constexpr const char* kTokens =
    "idle tokens, used before the least waiting node where some node has fewer than 2 D cores";

using Number = std::function<double(const RecordedPlacement&, const RecordedNode&)>;

struct Count {
  std::string text;
  Number of;
};

// Tasks at the node as the rule counts them.
Count estimated(double own_weight) {
  return {"tasks", [own_weight](const RecordedPlacement& placement, const RecordedNode& node) {
            return estimated_tasks(node.view, placement.dispatcher_count, own_weight);
          }};
}
Count estimated(const ParameterValues& values) { return estimated(values["own_weight"]); }

Count own_counts() {
  return {"own", [](const RecordedPlacement&, const RecordedNode& node) {
            return static_cast<double>(node.view.own_in_flight);
          }};
}

// As NodeServices has it.
double service_of(const RecordedNode& node, SpeedBasis basis) {
  if (basis == SpeedBasis::kNominal) return 1 / node.view.speed;
  return basis == SpeedBasis::kMeasured ? 1 / node.measured_speed : node.expected_service_s;
}

std::string text_of(SpeedBasis basis) {
  if (basis == SpeedBasis::kNominal) return "1/speed";
  return basis == SpeedBasis::kMeasured ? "1/measured speed" : "class service";
}

SpeedBasis speeds_of(const ParameterValues& values) {
  return values["speeds"] == 0 ? SpeedBasis::kNominal : SpeedBasis::kMeasured;
}

Quantity count_quantity(Count count) { return {std::move(count.text), std::move(count.of)}; }

Quantity load_quantity(const Count& count, int more) {
  const std::string tasks = more == 0 ? count.text : "(" + count.text + " + 1)";
  return {tasks + "/(cores x speed)",
          [count, more](const RecordedPlacement& placement, const RecordedNode& node) {
            return load_cost(node.view, count.of(placement, node) + more);
          }};
}

Quantity waiting_quantity(const Count& count, SpeedBasis basis) {
  return {"(" + count.text + " + 1) x " + text_of(basis) + "/cores",
          [count, basis](const RecordedPlacement& placement, const RecordedNode& node) {
            return waiting_cost(node.view, count.of(placement, node), service_of(node, basis));
          }};
}

Quantity service_quantity(SpeedBasis basis) {
  return {text_of(basis), [basis](const RecordedPlacement&, const RecordedNode& node) {
            return service_of(node, basis);
          }};
}

// The service, of the nodes that are idle.
Quantity idle_quantity(const Count& count, SpeedBasis basis) {
  return {text_of(basis) + " where " + count.text + " + 1 <= cores",
          [count, basis](const RecordedPlacement& placement, const RecordedNode& node) {
            return has_free_core(node.view, count.of(placement, node)) ? service_of(node, basis)
                                                                       : kNotInQuestion;
          }};
}

Quantity idle_by_own_quantity(SpeedBasis basis, double margin) {
  return {text_of(basis) + " where D (own + 1) <= " + (margin == 1 ? "" : "margin x ") + "cores",
          [basis, margin](const RecordedPlacement& placement, const RecordedNode& node) {
            const double dispatchers = placement.dispatcher_count;
            const bool is_idle = own_counts_tell(node.view, dispatchers) &&
                                 is_idle_by_own_counts(node.view, dispatchers, margin);
            return is_idle ? service_of(node, basis) : kNotInQuestion;
          }};
}

RuleExplanation no_look(std::string text, std::string decides) {
  return {std::move(text) + "; it looks at no load", {}, std::move(decides)};
}

RuleExplanation fastest_idle(SpeedBasis basis, const ParameterValues& values) {
  const Count tasks = estimated(values);
  return {"the fastest node with a free core by reports, else the one with the least wait",
          {idle_quantity(tasks, basis), waiting_quantity(tasks, basis)},
          ""};
}

RuleExplanation fastest_idle_local(SpeedBasis basis, const ParameterValues& values) {
  return {"the fastest node with a free core by own counts, else the one with the least wait",
          {idle_by_own_quantity(basis, values["margin"]), waiting_quantity(own_counts(), basis)},
          kTokens};
}

RuleExplanation shortest_delay(SpeedBasis basis, const ParameterValues& values) {
  const Count tasks = estimated(values);
  return {"the node with the least expected wait and service",
          {{text_of(basis) + " x (1 + (tasks + 1 - cores)+/cores)",
            [tasks, basis](const RecordedPlacement& placement, const RecordedNode& node) {
              return delay_cost(node.view, tasks.of(placement, node), service_of(node, basis));
            }}},
          ""};
}

RuleExplanation first_improvement(SpeedBasis basis) {
  return {
      "the node where one more task adds least wait and service, to it and all later ones, by " +
          text_of(basis) + " and the values of an M/M/c queue",
      {},
      "the load that the home had measured, for which those values are"};
}

RuleExplanation max_weight(const ParameterValues& values) {
  const Count tasks = estimated(values);
  const double exponent = values["exponent"];
  return {"the fastest node for the class with a free core, else the least class service x backlog",
          {idle_quantity(tasks, SpeedBasis::kClass),
           {"class service x backlog" + std::string(exponent == 1 ? "" : "^exponent"),
            [tasks, exponent](const RecordedPlacement& placement, const RecordedNode& node) {
              return weighted_backlog_cost(node.view, tasks.of(placement, node),
                                           service_of(node, SpeedBasis::kClass),
                                           service_of(node, SpeedBasis::kMeasured), exponent);
            }}},
          ""};
}

RuleExplanation heterogeneity_aware(bool shortest_queue, const ParameterValues& values) {
  const Count tasks = estimated(values);
  RuleExplanation rule{
      "of a few nodes drawn by odds that suit the measured load, the fastest with a free core, "
      "else " +
          std::string(shortest_queue ? "the least loaded" : "the first drawn"),
      {idle_quantity(tasks, SpeedBasis::kNominal)},
      kDrawnNodes};
  if (shortest_queue) rule.quantities.push_back(load_quantity(tasks, 1));
  return rule;
}

// With prices the cost of the record is that without them.
RuleExplanation priced_shortest_expected_delay(const ParameterValues& values) {
  const PricedShortestExpectedDelayOptions options{.planner = {},
                                                   .price = 0,
                                                   .memory = values["memory"],
                                                   .wait = values["wait"],
                                                   .lateness = values["lateness"]};
  const bool has_prices = values["price"] > 0;
  return {
      "the node of least class service x memory price + wait, each within this home's part of "
      "the places there" +
          std::string(has_prices ? "; the service x (1 + congestion price)" : ""),
      {{"cost in s",
        [options](const RecordedPlacement& placement, const RecordedNode& node) {
          return priced_cost(node.view,
                             {.task_class = placement.task_class,
                              .work_s = placement.work_s,
                              .slack = placement.slack,
                              .self = placement.home},
                             node.expected_service_s, node.view.homes, 0, options)
              .total_s;
        }}},
      has_prices ? "the prices of the last plan" : ""};
}

RuleExplanation lp_shares(bool fastest_idle) {
  const std::string idle = "class service where D (own + 1) <= cores";
  RuleExplanation rule{"the node that is furthest behind its share of the class by the last plan",
                       {},
                       "the plan, and what each node had had of its share"};
  if (!fastest_idle) return rule;
  rule.text =
      "the fastest node for the class with a free core by own counts that has not had too many "
      "beyond its share, else the one that is furthest behind its share by the last plan";
  rule.quantities.push_back(
      {idle, [](const RecordedPlacement& placement, const RecordedNode& node) {
         return is_idle_by_own_counts(node.view, placement.dispatcher_count, 1)
                    ? node.expected_service_s
                    : kNotInQuestion;
       }});
  return rule;
}

RuleExplanation work_stealing() {
  return {
      "the home itself, from where idle nodes take tasks; where it has no workers, the node "
      "with the fewest of its tasks for its capacity",
      {{"0 at home",
        [](const RecordedPlacement& placement, const RecordedNode& node) {
          return node.view.rank == placement.home ? 0 : kNotInQuestion;
        }},
       load_quantity(own_counts(), 1)},
      ""};
}

RuleExplanation local() {
  RuleExplanation rule = work_stealing();
  rule.text =
      "the home itself; where it has no workers, the node with the fewest of its tasks for its "
      "capacity";
  return rule;
}

RuleExplanation late_binding() {
  return {
      "of a few nodes drawn by weight, the one where a core frees first asks for the task; the "
      "first one drawn stands for them here",
      {},
      "the random draw, and which of the nodes asked first"};
}

struct RuleEntry {
  std::string_view name;
  RuleExplanation (*explain)(const ParameterValues&);
};

using Values = ParameterValues;
constexpr auto kClass = SpeedBasis::kClass;

// In the order of the catalogue.
constexpr auto kRules = std::to_array<RuleEntry>({
    {"static",
     [](const Values&) {
       return no_look("a fixed share of the tasks for each node, by capacity",
                      "the place of the task's index in its period");
     }},
    {"round_robin", [](const Values&) { return no_look("the next node in turn", kTurn); }},
    {"weighted_round_robin",
     [](const Values&) { return no_look("the next node in turn, by capacity", kTurn); }},
    {"random", [](const Values&) { return no_look("any node", kDraw); }},
    {"weighted_random", [](const Values&) { return no_look("any node, by capacity", kDraw); }},
    {"square_root_random",
     [](const Values&) { return no_look("any node, by the best shares for a given load", kDraw); }},
    {"power_of_two",
     [](const Values& values) {
       return RuleExplanation{"the node with the fewest tasks of a few drawn at random",
                              {count_quantity(estimated(values))},
                              kDrawnNodes};
     }},
    {"weighted_power_of_two",
     [](const Values& values) {
       return RuleExplanation{"the least loaded node of a few drawn by capacity",
                              {load_quantity(estimated(values), 0)},
                              kDrawnNodes};
     }},
    {"peak_ewma",
     [](const Values&) {
       return RuleExplanation{
           "of two nodes drawn, the one with the less recent response x own tasks there",
           {},
           "which nodes were drawn, and the home's averages of their responses"};
     }},
    {"heterogeneity_aware_jiq_d",
     [](const Values& values) { return heterogeneity_aware(false, values); }},
    {"heterogeneity_aware_jsq_d",
     [](const Values& values) { return heterogeneity_aware(true, values); }},
    {"stochastic_water_filling",
     [](const Values&) {
       return RuleExplanation{
           "drawn so that all dispatchers together fill the nodes to one level",
           {},
           "the random draw, and the look at the tasks at the begin of its round"};
     }},
    {"load_interpretation",
     [](const Values&) {
       return RuleExplanation{
           "drawn by the tasks reported, as far as the age of the reports lets them be believed",
           {},
           "the random draw, and the reports at its last look at them"};
     }},
    {"join_shortest_queue",
     [](const Values& values) {
       return RuleExplanation{
           "the node with the fewest tasks", {count_quantity(estimated(values))}, ""};
     }},
    {"weighted_least_connections",
     [](const Values& values) {
       return RuleExplanation{"the node with the fewest tasks for its capacity",
                              {waiting_quantity(estimated(values), speeds_of(values))},
                              ""};
     }},
    {"weighted_least_connections_class_aware",
     [](const Values& values) {
       return RuleExplanation{"the node with the fewest tasks for its measured rate of the class",
                              {waiting_quantity(estimated(values), kClass)},
                              ""};
     }},
    {"least_outstanding",
     [](const Values& values) {
       return RuleExplanation{"the node with the fewest of this home's own tasks for its capacity",
                              {waiting_quantity(own_counts(), speeds_of(values))},
                              ""};
     }},
    {"least_outstanding_class_aware",
     [](const Values&) {
       return RuleExplanation{
           "the node with the fewest of this home's own tasks for its measured rate of the class",
           {waiting_quantity(own_counts(), kClass)},
           ""};
     }},
    {"join_idle_queue",
     [](const Values&) {
       return no_look("the node that first told this home that it is idle, else any by capacity",
                      "the idle tokens, and the random draw without them");
     }},
    {"join_idle_queue_class_aware",
     [](const Values&) {
       return RuleExplanation{
           "of the nodes that told this home that they are idle, the fastest for the class, else "
           "any by its rate of the class",
           {service_quantity(kClass)},
           "the idle tokens, and the random draw without them"};
     }},
    {"join_fastest_idle",
     [](const Values& values) { return fastest_idle(speeds_of(values), values); }},
    {"join_fastest_idle_class_aware",
     [](const Values& values) { return fastest_idle(kClass, values); }},
    {"join_fastest_idle_local",
     [](const Values& values) { return fastest_idle_local(speeds_of(values), values); }},
    {"join_fastest_idle_local_class_aware",
     [](const Values& values) { return fastest_idle_local(kClass, values); }},
    {"shortest_expected_delay",
     [](const Values& values) { return shortest_delay(kClass, values); }},
    {"shortest_expected_delay_class_blind",
     [](const Values& values) { return shortest_delay(speeds_of(values), values); }},
    {"priced_shortest_expected_delay",
     [](const Values& values) { return priced_shortest_expected_delay(values); }},
    {"lp_shares", [](const Values&) { return lp_shares(false); }},
    {"lp_shares_fastest_idle", [](const Values&) { return lp_shares(true); }},
    {"tree",
     [](const Values& values) {
       RuleExplanation rule = priced_shortest_expected_delay(values);
       rule.text += "; nodes out of this home's sight count as none";
       return rule;
     }},
    {"first_policy_improvement",
     [](const Values& values) { return first_improvement(speeds_of(values)); }},
    {"first_policy_improvement_class_aware",
     [](const Values&) { return first_improvement(kClass); }},
    {"max_weight", max_weight},
    {"tabular_q_learning",
     [](const Values&) {
       return RuleExplanation{
           "the node whose cost at its load is least by the table that the home has learned, and "
           "now and then any",
           {},
           "the table, and the random draw"};
     }},
    {"genetic_algorithm",
     [](const Values&) {
       return no_look("any node, by the weights that the search has found",
                      "the weights, and the random draw");
     }},
    {"particle_swarm",
     [](const Values&) {
       return no_look("any node, by the weights that the search has found",
                      "the weights, and the random draw");
     }},
    {"prequal",
     [](const Values&) {
       return no_look("of the nodes that answered probes, the one of least latency that is not hot",
                      "the answers to probes");
     }},
    {"late_binding", [](const Values&) { return late_binding(); }},
    {"late_binding_class_aware", [](const Values&) { return late_binding(); }},
    {"local", [](const Values&) { return local(); }},
    {"work_stealing", [](const Values&) { return work_stealing(); }},
    {"learned",
     [](const Values&) {
       return RuleExplanation{
           "the node of least cost by the rule of `tree`, corrected by the network's opinion of it",
           {},
           "the opinions"};
     }},
    {kOraclePolicy,
     [](const Values&) {
       return RuleExplanation{
           "the node where the task adds least, to its own response and to that of others",
           {},
           "true sizes, speeds and interference, which no node tells"};
     }},
});

}  // namespace

std::optional<RuleExplanation> explanation_of(std::string_view policy) {
  const PolicyName name = parse_policy_name(policy);
  const auto rule = std::ranges::find(kRules, name.placing, &RuleEntry::name);
  if (rule == kRules.end()) return std::nullopt;
  std::vector<PolicyParameter> parameters;
  if (name.placing != kOraclePolicy) parameters = policy_parameters(policy);
  RuleExplanation explanation =
      rule->explain(ParameterValues(name.placing, parameters, name.settings));
  if (name.steals_besides) explanation.text += "; idle nodes take tasks from there besides";
  return explanation;
}

}  // namespace weir
