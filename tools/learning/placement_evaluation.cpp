#include "tools/learning/placement_evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/base/check.hpp"
#include "tools/experiment/comparison.hpp"
#include "tools/experiment/tuned_policies.hpp"

namespace weir {
namespace {

constexpr std::size_t kLearned = 0;
constexpr std::size_t kTree = 1;
constexpr std::size_t kOracle = 2;
constexpr std::size_t kFirstRule = 3;
// A gap of less than this to the oracle is not worth closing.
constexpr double kLeastGap = 0.01;

struct Contender {
  std::string policy;
  bool is_controlled = false;
};

std::string name_of(const Contender& contender) {
  return contender.policy + (contender.is_controlled ? " (controlled)" : "");
}

std::vector<Contender> contenders_of(const EvaluationPlan& plan) {
  std::vector<Contender> contenders{{"learned"}, {"tree"}, {"oracle"}};
  for (const bool is_controlled : {false, true}) {
    for (const std::string& rule : plan.rules) contenders.push_back({rule, is_controlled});
  }
  return contenders;
}

// Tuned parameters belong to a scenario as its file says it; another load takes what is nearest.
std::string tuned_name(const EvaluationPlan& plan, const NamedScenario& scenario,
                       const std::string& policy) {
  if (plan.tuned_folder.empty()) return policy;
  const std::string file = scenario.name.substr(0, scenario.name.find(' '));
  return tuned_policy(plan.tuned_folder, file, policy).value_or(policy);
}

// What a scenario says itself stays.
void add_control(Settings& settings) {
  for (const char* name : {"node-control", "migration"}) {
    const bool is_said = std::ranges::any_of(
        settings, [name](const auto& setting) { return setting.first == name; });
    if (!is_said) replace_setting(settings, name, "on");
  }
}

Trial trial_of(const EvaluationPlan& plan, std::size_t scenario, const Contender& contender,
               std::uint64_t seed) {
  Trial trial{.scenario = scenario, .seed = seed, .settings = plan.scenarios[scenario].settings};
  const std::string name = tuned_name(plan, plan.scenarios[scenario], contender.policy);
  replace_setting(trial.settings, "policy", name);
  replace_setting(trial.settings, "seed", std::to_string(seed));
  if (contender.is_controlled) add_control(trial.settings);
  if (contender.policy == "learned" && !plan.weights.empty()) {
    replace_setting(trial.settings, "weights", plan.weights);
  }
  return trial;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Of one scenario and policy: a number of each seed.
class ReportColumn {
 public:
  explicit ReportColumn(std::vector<const Measured*> seeds) : seeds_(std::move(seeds)) {}

  std::vector<double> values(const char* name) const {
    std::vector<double> values;
    for (const Measured* measured : seeds_) {
      const auto found = measured->numbers.find(name);
      values.push_back(found == measured->numbers.end() ? 0 : found->second);
    }
    return values;
  }
  double mean(const char* name) const { return mean_of(values(name)); }

 private:
  std::vector<const Measured*> seeds_;
};

bool loses_as_much(const ReportColumn& one, const ReportColumn& other) {
  return std::abs(one.mean("loss") - other.mean("loss")) <= kEqualLoss;
}

// Less loss comes first: of the others, means are of easier work.
bool is_better(const ReportColumn& one, const ReportColumn& other) {
  if (!loses_as_much(one, other)) return one.mean("loss") < other.mean("loss");
  return one.mean("mean_ms") < other.mean("mean_ms");
}

EvaluationLine line_of(const std::string& scenario, const std::vector<Contender>& contenders,
                       const std::vector<ReportColumn>& columns) {
  EvaluationLine line{.scenario = scenario,
                      .learned_ms = columns[kLearned].mean("mean_ms"),
                      .tree_ms = columns[kTree].mean("mean_ms"),
                      .oracle_ms = columns[kOracle].mean("mean_ms")};
  const ReportColumn* best = &columns[kTree];
  std::size_t best_rule = kFirstRule;
  for (std::size_t i = kFirstRule; i < columns.size(); ++i) {
    if (is_better(columns[i], columns[best_rule])) best_rule = i;
  }
  if (best_rule < columns.size()) {
    line.best_rule = name_of(contenders[best_rule]);
    line.best_rule_ms = columns[best_rule].mean("mean_ms");
    if (is_better(columns[best_rule], *best)) best = &columns[best_rule];
  }
  const auto learned = columns[kLearned].values("mean_ms");
  line.to_tree = ratio_of_means(learned, columns[kTree].values("mean_ms"));
  line.to_best = ratio_of_means(learned, best->values("mean_ms"));
  line.p99_ratio = columns[kLearned].mean("p99_ms") / best->mean("p99_ms");
  line.differing = columns[kLearned].mean("differing");
  line.left_to_rule = columns[kLearned].mean("left_to_rule");
  line.more_loss = columns[kLearned].mean("loss") - best->mean("loss");
  return line;
}

}  // namespace

std::optional<double> EvaluationLine::gap_closed() const {
  if (oracle_ms > tree_ms * (1 - kLeastGap)) return std::nullopt;
  return (tree_ms - learned_ms) / (tree_ms - oracle_ms);
}

bool EvaluationLine::passes() const {
  if (left_to_rule > kMostLeft) return false;
  if (std::abs(more_loss) > kEqualLoss) return more_loss < 0;
  return to_best.ratio <= kMostMeanRatio && p99_ratio <= kMostP99Ratio;
}

std::vector<Trial> trials_of(const EvaluationPlan& plan) {
  std::vector<Trial> trials;
  const std::vector<Contender> contenders = contenders_of(plan);
  for (std::size_t scenario = 0; scenario < plan.scenarios.size(); ++scenario) {
    for (std::size_t policy = 0; policy < contenders.size(); ++policy) {
      for (int i = 0; i < plan.seed_count; ++i) {
        const std::uint64_t seed = plan.first_seed + static_cast<std::uint64_t>(i);
        trials.push_back(trial_of(plan, scenario, contenders[policy], seed));
        trials.back().policy = policy;
      }
    }
  }
  return trials;
}

std::vector<EvaluationLine> lines_of(const EvaluationPlan& plan,
                                     const std::vector<std::optional<Measured>>& outcomes) {
  const std::vector<Contender> contenders = contenders_of(plan);
  const auto seeds = static_cast<std::size_t>(plan.seed_count);
  WEIR_CHECK(outcomes.size() == plan.scenarios.size() * contenders.size() * seeds,
             "an outcome for every trial");
  std::vector<EvaluationLine> lines;
  auto next = outcomes.begin();
  for (const NamedScenario& scenario : plan.scenarios) {
    std::vector<ReportColumn> columns;
    for (std::size_t policy = 0; policy < contenders.size(); ++policy) {
      std::vector<const Measured*> measured;
      for (std::size_t i = 0; i < seeds; ++i) measured.push_back(&**next++);
      columns.emplace_back(std::move(measured));
    }
    lines.push_back(line_of(scenario.name, contenders, columns));
  }
  return lines;
}

}  // namespace weir
