#include "tools/learning/train_scorer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "runtime/base/error.hpp"
#include "tools/command/option_values.hpp"
#include "tools/learning/estimator_checkpoint.hpp"
#include "tools/learning/evaluation_scenarios.hpp"
#include "tools/learning/scorer_worlds.hpp"
#include "tools/learning/train_estimator.hpp"
#include "tools/learning/train_scorer_from_record.hpp"
#include "topology/processor_grant.hpp"

namespace weir {
namespace {

struct Preset {
  int rounds = 0;
  std::size_t random_worlds = 0;   // to learn from, in each round
  std::size_t judging_worlds = 0;  // drawn at random, beside the known ones
  // With one, the worst of 18 worlds tells more of chance, a per cent or two, than of the network.
  int judging_seeds = 1;
};

Preset preset_of(const std::string& name) {
  if (name == "shipped") {
    return {.rounds = 5, .random_worlds = 12, .judging_worlds = 8, .judging_seeds = 4};
  }
  if (name == "quick") return {.rounds = 1};
  throw Error("there is no such preset of the scorer's training", "--preset " + name,
              "quick or shipped", "--preset quick");
}

std::vector<Settings> given_worlds(const TrainingRequest& request) {
  std::vector<Settings> worlds;
  for (const auto& [name, text] : request.settings) {
    if (name.starts_with("scenario.")) worlds.push_back(scenario_with_changes(text).settings);
  }
  return worlds;
}

int rounds_of(const TrainingRequest& request, int usual) {
  const auto given = request.settings.find("rounds");
  if (given == request.settings.end()) return usual;
  return static_cast<int>(whole_number_of({"rounds", given->second, "10"}, {1, 1000}));
}

// For requests that do not come from the command line, which refuses such a setting itself.
void refuse_unknown_settings(const TrainingRequest& request) {
  for (const auto& [name, text] : request.settings) {
    if (name == "rounds" || name == "from" || name.starts_with("scenario.")) continue;
    throw Error("there is no such setting of the scorer's training", "--" + name + " " + text,
                "--rounds, --scenario or --from", "--rounds 10");
  }
}

// Worlds and rounds are of trainings in simulation; from a record one begins in no time.
void refuse_beside_record(const TrainingRequest& request) {
  if (request.settings.size() == 1 && !request.resume) return;
  throw Error("a scorer learns from a record or in worlds",
              "--from beside --rounds, --scenario or --resume", "one of them",
              "weir train scorer --from run.h5");
}

EstimatorPlan plan_of(const TrainingRequest& request) {
  constexpr std::uint64_t kJudgingWorlds = 1'000'000;
  Preset preset = preset_of(request.preset);
  preset.rounds = rounds_of(request, preset.rounds);
  const std::vector<Settings> given = given_worlds(request);
  EstimatorPlan plan{.judging_seeds = preset.judging_seeds,
                     .seed = request.seed,
                     .threads = threads_for_this_process(),
                     .checkpoint = request.checkpoint};
  std::vector<Settings> always = given.empty() ? known_scorer_worlds() : given;
  if (request.preset == "quick" && given.empty()) always.erase(always.begin(), always.end() - 2);
  for (int round = 0; round < preset.rounds; ++round) {
    plan.rounds.push_back(always);
    if (!given.empty()) continue;
    const std::uint64_t seed = request.seed * kJudgingWorlds + static_cast<std::uint64_t>(round);
    for (Settings& world : random_scorer_worlds(preset.random_worlds, seed)) {
      plan.rounds.back().push_back(std::move(world));
    }
  }
  plan.judging = always;
  if (!given.empty()) return plan;
  for (Settings& world :
       random_scorer_worlds(preset.judging_worlds, (request.seed + 1) * kJudgingWorlds - 1)) {
    plan.judging.push_back(std::move(world));
  }
  return plan;
}

double mean_ratio(const EstimatorRound& round) {
  double sum = 0;
  for (const double ratio : round.ratios) sum += std::log(ratio);
  return std::exp(sum / static_cast<double>(round.ratios.size()));
}

TrainingCurve curve_of(const std::vector<EstimatorRound>& rounds) {
  TrainingCurve curve{
      .columns = {"round", "mean ratio to the rule", "worst world", "loss", "loss of the rule"}};
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    curve.rows.push_back({static_cast<double>(i + 1), mean_ratio(rounds[i]),
                          std::ranges::max(rounds[i].ratios), rounds[i].loss, rounds[i].told_loss});
  }
  return curve;
}

std::string summary_of(const TrainedEstimator& trained) {
  if (trained.best_round == 0) return "no round is better than the rule; nothing is corrected";
  const EstimatorRound& best = trained.rounds[static_cast<std::size_t>(trained.best_round) - 1];
  char text[160];
  std::snprintf(text, sizeof text,
                "best round %d of %zu, mean response %.3f of the rule's over %zu worlds, %.3f in "
                "the worst",
                trained.best_round, trained.rounds.size(), mean_ratio(best), best.ratios.size(),
                std::ranges::max(best.ratios));
  return text;
}

// Each world in one line, and what the round came to in it.
std::string table_of(const EstimatorPlan& plan, const EstimatorRound& round) {
  std::string table;
  for (std::size_t i = 0; i < plan.judging.size(); ++i) {
    char ratio[16];
    std::snprintf(ratio, sizeof ratio, "%.4f", round.ratios[i]);
    table += ratio;
    for (const auto& [name, value] : plan.judging[i]) table += ' ' + name + '=' + value;
    table += '\n';
  }
  return table;
}

void write_best(const TrainingRequest& request, const EstimatorPlan& plan,
                const TrainedEstimator& trained) {
  const bool is_better = trained.best_round > 0;
  const std::size_t best = static_cast<std::size_t>(trained.best_round) - 1;
  WeightFile weights =
      is_better ? trained.rounds[best].estimator.weights() : ServiceEstimator().weights();
  weights.provenance = request.provenance;
  weights.provenance["seed"] = static_cast<std::int64_t>(request.seed);
  weights.provenance["summary"] = summary_of(trained);
  if (is_better) weights.provenance["ratios_to_rule"] = table_of(plan, trained.rounds[best]);
  write_weights(weights, request.weights);
}

}  // namespace

TrainingReply train_scorer(const TrainingRequest& request, const TrainingWatch& watch) {
  refuse_unknown_settings(request);
  if (request.settings.contains("from")) {
    refuse_beside_record(request);
    return train_scorer_from_record(request, watch);
  }
  const EstimatorPlan plan = plan_of(request);
  std::vector<EstimatorRound> before;
  if (request.resume) before = load_rounds(plan);
  const TrainedEstimator trained = train_estimator(plan, std::move(before), [&](int done, int all) {
    return watch({"worlds", done, all});
  });
  TrainingReply reply{.curve = curve_of(trained.rounds), .stopped = trained.stopped};
  if (trained.stopped) return reply;
  write_best(request, plan, trained);
  reply.summary = summary_of(trained);
  return reply;
}

}  // namespace weir
