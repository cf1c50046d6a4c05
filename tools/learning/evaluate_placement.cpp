#include "tools/learning/evaluate_placement.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <iostream>
#include <memory>
#include <sstream>

#include "ml/inference/service_estimator.hpp"
#include "runtime/base/error.hpp"
#include "tools/command/command_line.hpp"
#include "tools/command/option_values.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/command/work_line.hpp"
#include "tools/experiment/comparison.hpp"
#include "tools/experiment/comparison_report.hpp"
#include "tools/experiment/outcome_store.hpp"
#include "tools/experiment/text_table.hpp"
#include "tools/experiment/trial_pool.hpp"
#include "tools/learning/evaluation_scenarios.hpp"
#include "tools/learning/one_process.hpp"
#include "tools/learning/placement_evaluation.hpp"
#include "topology/processor_grant.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

using Texts = std::vector<std::string>;

constexpr int kExitWorse = 1;
constexpr int kQuickSeeds = 2;
// Training has worlds from 3,000,000,000 on, tuning from 1,000,000; tests and examples have the
// first hundreds.
constexpr std::uint64_t kFirstSeed = 2001;

// The best rules of jobs/RESULTS.md, each in some scenario.
const Texts kRules{"join_fastest_idle_local_class_aware", "shortest_expected_delay",
                   "priced_shortest_expected_delay", "weighted_least_connections_class_aware",
                   "late_binding_class_aware"};
// The two of them that are best in most.
const Texts kQuickRules{"join_fastest_idle_local_class_aware", "priced_shortest_expected_delay"};

struct Options {
  bool help = false;
  bool is_quick = false;
  bool markdown = false;
  bool quiet = false;
  bool progress = false;
  std::string scenarios_folder = "jobs/scenarios";
  std::string store;
  Texts scenarios;
  EvaluationPlan plan;
};

po::options_description options_of_placement() {
  po::options_description all("weir evaluate");
  auto add = all.add_options();
  add("quick", po::bool_switch(), "five short worlds, two seeds, two rules: some minutes");
  add("weights", po::value<std::string>(), "file of weights (default: those that come with weir)");
  add("scenario", po::value<Texts>(),
      "FILE or FILE@NAME=VALUE@... in place of those of the repository; may be repeated");
  add("scenarios", po::value<std::string>(),
      "folder of the repository's scenarios (default jobs/scenarios)");
  add("rule", po::value<Texts>(), "to compare with, beside the tree; may be repeated");
  add("seeds", po::value<std::string>(), "how many (default 20; with --quick 2)");
  add("first-seed", po::value<std::string>(), "the others follow it (default 2001)");
  add("store", po::value<std::string>(), "keep every run in this file, to go on after a break");
  add("markdown", po::bool_switch(), "print the table as markdown");
  add("progress", po::bool_switch(), "show the progress line although no terminal is seen");
  add("quiet", po::bool_switch(), "print nothing but the result, warnings and errors");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

std::string help_text() {
  std::ostringstream text;
  text << "usage: weir evaluate [options]\n       weir evaluate forecaster [options]\n\n"
          "The policy `learned` against the tree that it corrects, the best of the rules, and the "
          "oracle,\non the same tasks in virtual time. Rules have the parameters that `weir tune` "
          "has left in\nSCENARIOS/tuned, else their standard ones; each runs alone and "
          "\"(controlled)\": with the control\ninside nodes and the migration that the tree has. "
          "`weir evaluate forecaster --help` is about\nforecasts.\n\n"
       << options_of_placement()
       << "\nRatios are of mean responses, with 95 % intervals (paired bootstrap over seeds). "
          "\"Closed\" is the\nshare of the way from the tree to the oracle, \"own\" the share of "
          "the placements in which the\nnetwork differed from its rule, \"left\" the share that "
          "its guard left to the rule. Exit code 1\nwhere the policy is more than 3 % worse in the "
          "mean, or 5 % in the 99th percentile, than the\nbetter of the tree and the best rule, or "
          "where its guard left more than 90 % to the rule.\n";
  return text.str();
}

Options parse(const std::vector<std::string>& arguments) {
  const po::variables_map given = read_command_line(
      arguments, options_of_placement(),
      {"evaluate", "", 0, "options as `weir evaluate --help` lists them, or `forecaster`"});
  Options options;
  options.help = given["help"].as<bool>();
  options.is_quick = given["quick"].as<bool>();
  options.markdown = given["markdown"].as<bool>();
  options.quiet = given["quiet"].as<bool>();
  options.progress = given["progress"].as<bool>();
  const auto text = [&](const char* name, const std::string& otherwise) {
    return given.count(name) ? given[name].as<std::string>() : otherwise;
  };
  const auto number = [&](const char* name, std::uint64_t otherwise, OptionBounds bounds) {
    return whole_number_of({name, text(name, std::to_string(otherwise)), "20"}, bounds);
  };
  options.scenarios_folder = text("scenarios", options.scenarios_folder);
  options.store = text("store", "");
  if (given.count("scenario")) options.scenarios = given["scenario"].as<Texts>();
  options.plan.weights = text("weights", "");
  options.plan.rules = options.is_quick ? kQuickRules : kRules;
  if (given.count("rule")) options.plan.rules = given["rule"].as<Texts>();
  options.plan.seed_count =
      static_cast<int>(number("seeds", options.is_quick ? kQuickSeeds : 20, {1, 1000}));
  options.plan.first_seed = number("first-seed", kFirstSeed, {1, 900'000});
  return options;
}

// Judged, or what it is judged by, or one that goes by what no rule may know.
bool is_in_every_table(const std::string& rule) {
  const std::string name = rule.substr(0, rule.find(':'));
  return name == "learned" || name == "tree" || name == "oracle";
}

// `all` means all others.
Texts rules_of(const Texts& given) {
  const auto found = std::ranges::find_if(given, is_in_every_table);
  if (found != given.end()) {
    throw Error("this policy is no rule to compare with", "--rule " + *found,
                "a rule beside learned, tree and oracle, which are in every table",
                "--rule priced_shortest_expected_delay");
  }
  Texts rules = expand_policies(given);
  std::erase_if(rules, is_in_every_table);
  return rules;
}

EvaluationPlan plan_of(const Options& options) {
  EvaluationPlan plan = options.plan;
  plan.tuned_folder = options.scenarios_folder + "/tuned";
  plan.rules = rules_of(plan.rules);
  for (const std::string& text : options.scenarios) {
    plan.scenarios.push_back(scenario_with_changes(text));
  }
  if (!plan.scenarios.empty()) return plan;
  plan.scenarios = evaluation_scenarios(
      options.scenarios_folder, options.is_quick ? EvaluationSize::kQuick : EvaluationSize::kWhole);
  return plan;
}

std::string text_of(const RatioEstimate& ratio) {
  std::string text = number_text(ratio.ratio, 3);
  if (!std::isfinite(ratio.low)) return text;
  return text + " (" + number_text(ratio.low, 3) + " to " + number_text(ratio.high, 3) + ")";
}

std::string signed_percent(double share) {
  return (share < 0 ? "-" : "+") + number_text(100 * std::abs(share), 2) + " %";
}

void print_table(const std::vector<EvaluationLine>& lines, bool markdown, std::ostream& out) {
  TextTable table({"scenario", "learned ms", "tree ms", "best rule ms", "best rule", "oracle ms",
                   "to tree", "to the better", "p99", "closed %", "own %", "left %"});
  for (const EvaluationLine& line : lines) {
    const auto closed = line.gap_closed();
    const bool loss_differs = std::abs(line.more_loss) > kEqualLoss;
    table.add(
        {line.scenario + (loss_differs ? " (loss " + signed_percent(line.more_loss) + ")" : ""),
         number_text(line.learned_ms, 1), number_text(line.tree_ms, 1),
         line.best_rule.empty() ? "-" : number_text(line.best_rule_ms, 1),
         line.best_rule.empty() ? "-" : line.best_rule, number_text(line.oracle_ms, 1),
         text_of(line.to_tree), text_of(line.to_best), number_text(line.p99_ratio, 3),
         closed ? number_text(100 * *closed, 0) : "-", number_text(100 * line.differing, 1),
         number_text(100 * line.left_to_rule, 1)});
  }
  if (markdown) {
    table.print_markdown(out);
  } else {
    table.print_text(out);
  }
}

void refuse_empty_worlds(const EvaluationPlan& plan, const std::vector<Trial>& trials,
                         const std::vector<std::optional<Measured>>& outcomes) {
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (outcomes[i]->numbers.at("tasks") > 0) continue;
    throw Error("there is nothing to judge by",
                "no task that counts in " + plan.scenarios[trials[i].scenario].name + ", seed " +
                    std::to_string(trials[i].seed),
                "tasks that arrive after the warm-up", "a longer duration, or a higher load");
  }
}

// Of a line that does not pass.
std::string reason_of(const EvaluationLine& line) {
  if (line.left_to_rule > kMostLeft) {
    return "the guard left " + number_text(100 * line.left_to_rule, 1) + " % to the rule (" +
           number_text(100 * kMostLeft, 0) + " % are allowed)";
  }
  return "mean " + number_text(line.to_best.ratio, 3) + " and p99 " +
         number_text(line.p99_ratio, 3) + " of the better of tree and best rule (" +
         number_text(kMostMeanRatio, 2) + " and " + number_text(kMostP99Ratio, 2) +
         " are allowed), loss " + signed_percent(line.more_loss);
}

// The exit code.
int print_verdict(const std::vector<EvaluationLine>& lines, std::ostream& out) {
  int worse = 0;
  for (const EvaluationLine& line : lines) {
    if (line.passes()) continue;
    ++worse;
    out << "worse than it may be: " << line.scenario << ", " << reason_of(line) << '\n';
  }
  if (worse > 0) return kExitWorse;
  out << "nowhere more than 3 % worse in the mean or 5 % in the 99th percentile than the better of "
         "the tree\nand the best rule\n";
  return 0;
}

}  // namespace

int evaluate_placement(const std::vector<std::string>& arguments, std::ostream& out) {
  const Options options = parse(arguments);
  if (options.help) {
    out << help_text();
    return 0;
  }
  refuse_several_ranks();
  (void)service_estimator_of(options.plan.weights);
  const EvaluationPlan plan = plan_of(options);
  const auto store = options.store.empty() ? std::make_unique<OutcomeStore>()
                                           : std::make_unique<OutcomeStore>(options.store);
  const StopSignal stop;
  const std::vector<Trial> trials = trials_of(plan);
  WorkLine line = WorkLine::on_errors("weir-evaluate", options.quiet, options.progress);
  const auto outcomes =
      run_trials(trials, *store, {.thread_count = threads_for_this_process(), .progress = &line},
                 [&stop] { return stop.requested(); });
  if (!std::ranges::all_of(outcomes, [](const auto& each) { return each.has_value(); })) {
    std::cerr << "weir-evaluate: interrupted"
              << (options.store.empty() ? "; with --store FILE the runs would have been kept"
                                        : "; the same command goes on")
              << std::endl;
    return kExitInterrupted;
  }
  const std::vector<EvaluationLine> lines = lines_of(plan, outcomes);
  print_table(lines, options.markdown, out);
  out << std::endl;
  refuse_empty_worlds(plan, trials, outcomes);
  const int code = print_verdict(lines, out);
  out << std::flush;
  return code;
}

}  // namespace weir
