#include "tools/learning/control/teach_control.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>

#include "ml/inference/weight_file.hpp"
#include "runtime/base/error.hpp"
#include "tools/command/option_values.hpp"
#include "tools/learning/control/capacity_level.hpp"
#include "tools/learning/control/capacity_worlds.hpp"
#include "tools/learning/control/limit_level.hpp"
#include "tools/learning/control/limit_worlds.hpp"
#include "tools/learning/control/price_level.hpp"
#include "tools/learning/control/train_control.hpp"
#include "tools/learning/scorer_worlds.hpp"

namespace weir {
namespace {

// How long a world is; those to judge by at the cluster level are as they are.
struct Length {
  int warm_up_s = 0;
  int duration_s = 0;
};

struct Preset {
  int rounds = 0;
  std::size_t random_worlds = 0;   // to learn from, in each round
  std::size_t judging_worlds = 0;  // drawn at random, beside the known ones
  int judging_seeds = 1;
  std::int64_t updates = 0;
  Length length;
};

// All of a level that is not the level's own: what it learns in, and how.
struct Lesson {
  std::unique_ptr<ControlLevel> level;
  Preset shipped;
  Preset quick;
  std::vector<Settings> worlds;  // known ones
  std::vector<Settings> (*draw)(std::size_t count, std::uint64_t seed) = nullptr;
  bool judges_at_length = false;  // worlds to judge by are as short as those to learn from
  std::size_t quick_worlds = 0;   // the last ones: those are small
  DqnOptions learner;
};

std::string setting_of(const TrainingRequest& request, const std::string& name,
                       const std::string& usual) {
  const auto given = request.settings.find(name);
  return given == request.settings.end() ? usual : given->second;
}

void refuse_unknown_settings(const TrainingRequest& request) {
  for (const auto& [name, text] : request.settings) {
    if (name == "rounds" || name == "level") continue;
    throw Error("there is no such setting of the training of control", "--" + name + " " + text,
                "--rounds or --level", "--rounds 3");
  }
}

std::vector<Settings> of_length(std::vector<Settings> worlds, const Length& length) {
  for (Settings& world : worlds) {
    replace_setting(world, "warm-up", std::to_string(length.warm_up_s) + "s");
    replace_setting(world, "duration", std::to_string(length.duration_s) + "s");
  }
  return worlds;
}

DqnOptions usual_learner() {
  DqnOptions learner;
  learner.replay.capacity = 30'000;
  learner.batch = 64;
  learner.updates_per_target = 250;
  learner.beta_updates = 10'000;
  learner.margin = 0.1;
  // Once it has learned what to hold is worth, nothing but what is worth more speaks for it.
  learner.later_margin_weight = 0;
  return learner;
}

Lesson cluster_lesson() {
  Lesson lesson{.level = std::make_unique<PriceLevel>(),
                .shipped = {.rounds = 4,
                            .random_worlds = 2,
                            .judging_worlds = 2,
                            .updates = 1500,
                            .length = {5, 15}},
                .quick = {.rounds = 2, .updates = 200, .length = {5, 12}},
                .worlds = known_scorer_worlds(),
                .draw = random_scorer_worlds,
                .quick_worlds = 2,
                .learner = usual_learner()};
  // A price acts for about a second.
  lesson.learner.n_step = {.steps = 3, .discount = 0.9};
  return lesson;
}

Lesson system_lesson() {
  Lesson lesson{.level = std::make_unique<CapacityLevel>(),
                .shipped = {.rounds = 8,
                            .random_worlds = 8,
                            .judging_worlds = 2,
                            .judging_seeds = 2,
                            .updates = 4000,
                            .length = {60, 360}},
                .quick = {.rounds = 2, .updates = 200, .length = {20, 320}},
                .worlds = known_capacity_worlds(),
                .draw = random_capacity_worlds,
                .judges_at_length = true,
                .quick_worlds = 1,
                .learner = usual_learner()};
  // What is called back now is there after the warm-up, and what it saves shows later still.
  lesson.learner.n_step = {.steps = 5, .discount = 0.95};
  lesson.learner.batch = 256;
  // Most seconds save a little, and few cost very much: Huber's loss would not see them.
  lesson.learner.huber = 20;
  return lesson;
}

Lesson node_lesson() {
  Lesson lesson{.level = std::make_unique<LimitLevel>(),
                .shipped = {.rounds = 5,
                            .random_worlds = 6,
                            .judging_worlds = 4,
                            .updates = 3000,
                            .length = {10, 24}},
                .quick = {.rounds = 2, .updates = 100, .length = {4, 80}},
                .worlds = known_limit_worlds(),
                .draw = random_limit_worlds,
                .quick_worlds = 1,
                .learner = usual_learner()};
  // What a limit does shows over the tasks of some blocks.
  lesson.learner.n_step = {.steps = 4, .discount = 0.9};
  lesson.learner.batch = 256;
  return lesson;
}

Lesson lesson_of(const TrainingRequest& request) {
  const std::string level = setting_of(request, "level", "cluster");
  if (level == "cluster") return cluster_lesson();
  if (level == "system") return system_lesson();
  if (level == "node") return node_lesson();
  throw Error("there is no such level of control to train", "--level " + level,
              "node, cluster or system", "--level cluster");
}

const Preset& preset_of(const Lesson& lesson, const std::string& name) {
  if (name == "shipped") return lesson.shipped;
  if (name == "quick") return lesson.quick;
  throw Error("there is no such preset of the training of control", "--preset " + name,
              "quick or shipped", "--preset quick");
}

ControlPlan plan_of(const Lesson& lesson, const TrainingRequest& request) {
  constexpr std::uint64_t kWorldsPerTraining = 1'000'000;
  const Preset& preset = preset_of(lesson, request.preset);
  const auto rounds = static_cast<int>(whole_number_of(
      {"rounds", setting_of(request, "rounds", std::to_string(preset.rounds)), "5"}, {1, 1000}));
  ControlPlan plan{.judging_seeds = preset.judging_seeds,
                   .updates = preset.updates,
                   .seed = request.seed,
                   .threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency())),
                   .learner = lesson.learner,
                   .checkpoint = request.checkpoint};
  plan.learner.seed = request.seed;
  const bool is_quick = request.preset == "quick";
  std::vector<Settings> always = lesson.worlds;
  if (is_quick) {
    always.erase(always.begin(), always.end() - static_cast<std::ptrdiff_t>(lesson.quick_worlds));
  }
  const auto draw = [&](std::size_t count, std::uint64_t number) {
    return lesson.draw(count, request.seed * kWorldsPerTraining + number);
  };
  for (int round = 0; round < rounds; ++round) {
    plan.rounds.push_back(of_length(always, preset.length));
    const auto number = static_cast<std::uint64_t>(round) + 500;
    for (Settings& world : of_length(draw(preset.random_worlds, number), preset.length)) {
      plan.rounds.back().push_back(std::move(world));
    }
  }
  plan.judging = always;
  for (Settings& world : draw(preset.judging_worlds, kWorldsPerTraining - 2)) {
    plan.judging.push_back(std::move(world));
  }
  if (is_quick || lesson.judges_at_length) plan.judging = of_length(plan.judging, preset.length);
  return plan;
}

double mean_ratio(const ControlRound& round) {
  double sum = 0;
  for (const double ratio : round.ratios) sum += std::log(ratio);
  return std::exp(sum / static_cast<double>(round.ratios.size()));
}

TrainingCurve curve_of(const std::vector<ControlRound>& rounds) {
  TrainingCurve curve{
      .columns = {"round", "mean ratio to the rule", "worst world", "loss", "error of values"}};
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    curve.rows.push_back({static_cast<double>(i + 1), mean_ratio(rounds[i]),
                          std::ranges::max(rounds[i].ratios), rounds[i].loss, rounds[i].error});
  }
  return curve;
}

std::string summary_of(const TrainedControl& trained) {
  char text[200];
  if (trained.best_round == 0) {
    std::snprintf(text, sizeof text,
                  "none of %zu rounds is better than the rule (the best %.4f of its cost); the "
                  "weights always hold",
                  trained.rounds.size(),
                  mean_ratio(*std::ranges::min_element(trained.rounds, {}, mean_ratio)));
    return text;
  }
  const ControlRound& best = trained.rounds[static_cast<std::size_t>(trained.best_round) - 1];
  std::snprintf(text, sizeof text,
                "best round %d of %zu, %.4f of the rule's cost over %zu worlds, %.4f in the worst",
                trained.best_round, trained.rounds.size(), mean_ratio(best), best.ratios.size(),
                std::ranges::max(best.ratios));
  return text;
}

// Each world in one line, and what the round came to in it.
std::string table_of(const ControlPlan& plan, const ControlRound& round) {
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

void write_best(const ControlLevel& level, const TrainingRequest& request, const ControlPlan& plan,
                const TrainedControl& trained) {
  const bool is_better = trained.best_round > 0;
  const std::size_t kept = is_better ? static_cast<std::size_t>(trained.best_round) - 1 : 0;
  WeightFile weights = trained.rounds[kept].weights;
  if (!is_better) {
    for (auto& [name, tensor] : weights.tensors) std::ranges::fill(tensor.values, 0.0F);
  }
  weights.kind = level.kind();
  weights.schema = level.schema();
  weights.provenance.insert(request.provenance.begin(), request.provenance.end());
  weights.provenance["seed"] = static_cast<std::int64_t>(request.seed);
  weights.provenance["summary"] = summary_of(trained);
  weights.provenance["ratios_to_rule"] = table_of(plan, trained.rounds[kept]);
  write_weights(weights, request.weights);
}

}  // namespace

TrainingReply teach_control(const TrainingRequest& request, const TrainingWatch& watch) {
  refuse_unknown_settings(request);
  const Lesson lesson = lesson_of(request);
  const ControlPlan plan = plan_of(lesson, request);
  const TrainedControl trained =
      train_control(*lesson.level, plan, request.resume, [&](int done, int all) {
        return watch({"worlds and updates", done, all});
      });
  TrainingReply reply{.curve = curve_of(trained.rounds), .stopped = trained.stopped};
  if (trained.stopped) return reply;
  write_best(*lesson.level, request, plan, trained);
  reply.summary = summary_of(trained);
  return reply;
}

}  // namespace weir
