#include "ml/training/experience/episode_player.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

// In a record: one row for each environment, one for each step of its episode, those of the first
// environment first; all actions of these steps; the curriculum; and where it all stands.
constexpr std::uint16_t kGames = 0;
constexpr std::uint16_t kSteps = 1;
constexpr std::uint16_t kActions = 2;
constexpr std::uint16_t kGaps = 3;
constexpr std::uint16_t kPlayer = 4;
const std::array<std::string, 5> kTableNames{"games", "game_steps", "game_actions",
                                             "curriculum_gaps", "player"};

TableIndex table(TableIndex first, std::uint16_t number) {
  return TableIndex(static_cast<std::uint16_t>(first.value() + number));
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& found) {
  throw Error("the episodes under way cannot be played again", path.string() + ": " + found,
              "the environments and scenarios with which it was saved", "learning from the start");
}

}  // namespace

EpisodePlayer::EpisodePlayer(std::vector<std::unique_ptr<Environment>> environments,
                             Curriculum curriculum, NStepOptions options, std::uint64_t seed)
    : curriculum_(std::move(curriculum)), seed_(seed) {
  for (auto& environment : environments) {
    games_.push_back({.environment = std::move(environment), .window = NStepWindow(options)});
  }
}

const Observation& EpisodePlayer::observe() {
  WEIR_CHECK(!games_.empty(), "nothing to play");
  Game& game = games_[turn_];
  if (!game.is_running) {
    Random random(seed_, episodes_begun_++);
    const std::size_t scenario = curriculum_.draw(random);
    begin(game, {.scenario = scenario, .seed = random.next()});
  }
  return game.window.latest();
}

EpisodePlayer::Outcome EpisodePlayer::act(const Actions& actions, bool by_rule) {
  Game& game = games_[turn_];
  WEIR_CHECK(game.is_running, "actions without a look at the world");
  turn_ = (turn_ + 1) % games_.size();
  return step(game, actions, by_rule);
}

void EpisodePlayer::begin(Game& game, const Episode& episode) {
  game.window.begin(game.environment->reset(episode));
  game.is_running = true;
  game.result = {.episode = episode};
  game.taken.clear();
  game.by_rule.clear();
}

EpisodePlayer::Outcome EpisodePlayer::step(Game& game, const Actions& actions, bool by_rule) {
  const Step step = game.environment->step(actions);
  game.taken.push_back(actions);
  game.by_rule.push_back(by_rule ? 1 : 0);
  game.result.reward += step.reward;
  ++game.result.steps;
  game.is_running = step.state == EpisodeState::kRunning;
  Outcome outcome{.transitions = game.window.add(actions, step, by_rule)};
  if (!game.is_running) outcome.over = game.result;
  return outcome;
}

std::vector<TableSchema> EpisodePlayer::tables() {
  return {{kTableNames[kGames],
           {{"scenario", ColumnType::kUint64, "of those of the curriculum"},
            {"seed", ColumnType::kUint64, "of the episode"},
            {"steps", ColumnType::kUint64, "taken in it"},
            {"is_running", ColumnType::kUint8, "0: it is over, or none has begun"}}},
          {kTableNames[kSteps],
           {{"actions", ColumnType::kUint32, "how many branches the step has"},
            {"by_rule", ColumnType::kUint8, "1: the rule acted"}}},
          {kTableNames[kActions], {{"action", ColumnType::kUint8, "one for each branch"}}},
          {kTableNames[kGaps], {{"gap", ColumnType::kDouble, "of each scenario"}}},
          {kTableNames[kPlayer],
           {{"turn", ColumnType::kUint64, "the environment that is next"},
            {"episodes_begun", ColumnType::kUint64, "of all environments"}}}};
}

void EpisodePlayer::append_to(RecordWriter& record, TableIndex first) const {
  for (const Game& game : games_) {
    const std::size_t steps = game.is_running ? game.taken.size() : 0;
    record.append(table(first, kGames), std::uint64_t{game.result.episode.scenario},
                  game.result.episode.seed, std::uint64_t{steps},
                  static_cast<std::uint8_t>(game.is_running));
    for (std::size_t i = 0; i < steps; ++i) {
      record.append(table(first, kSteps), static_cast<std::uint32_t>(game.taken[i].size()),
                    game.by_rule[i]);
      for (const std::uint8_t action : game.taken[i]) {
        record.append(table(first, kActions), action);
      }
    }
  }
  for (const double gap : curriculum_.gaps()) record.append(table(first, kGaps), gap);
  record.append(table(first, kPlayer), std::uint64_t{turn_}, episodes_begun_);
}

void EpisodePlayer::read_from(const RecordReader& record, const std::filesystem::path& path) {
  const auto scenario = record.column<std::uint64_t>({}, kTableNames[kGames], "scenario");
  const auto seed = record.column<std::uint64_t>({}, kTableNames[kGames], "seed");
  const auto steps = record.column<std::uint64_t>({}, kTableNames[kGames], "steps");
  const auto is_running = record.column<std::uint8_t>({}, kTableNames[kGames], "is_running");
  const auto branches = record.column<std::uint32_t>({}, kTableNames[kSteps], "actions");
  const auto by_rule = record.column<std::uint8_t>({}, kTableNames[kSteps], "by_rule");
  const auto actions = record.column<std::uint8_t>({}, kTableNames[kActions], "action");
  const auto gaps = record.column<double>({}, kTableNames[kGaps], "gap");
  const auto turn = record.column<std::uint64_t>({}, kTableNames[kPlayer], "turn");
  const auto begun = record.column<std::uint64_t>({}, kTableNames[kPlayer], "episodes_begun");
  if (scenario.size() != games_.size()) {
    refuse(path, std::to_string(scenario.size()) + " environments");
  }
  if (gaps.size() != curriculum_.gaps().size()) {
    refuse(path, std::to_string(gaps.size()) + " scenarios");
  }
  if (turn.size() != 1 || turn[0] >= std::max<std::size_t>(1, games_.size()))
    refuse(path, "nobody's turn");

  std::size_t next_step = 0;
  auto next_action = actions.begin();
  for (std::size_t i = 0; i < games_.size(); ++i) {
    Game& game = games_[i];
    game.is_running = false;
    if (is_running[i] == 0) continue;
    if (scenario[i] >= gaps.size()) refuse(path, "a scenario that is not known");
    begin(game, {.scenario = scenario[i], .seed = seed[i]});
    for (std::uint64_t s = 0; s < steps[i]; ++s, ++next_step) {
      const bool is_whole = next_step < branches.size() &&
                            branches[next_step] <= actions.end() - next_action && game.is_running;
      if (!is_whole) refuse(path, "an episode that went otherwise");
      const auto end = next_action + branches[next_step];
      step(game, Actions(next_action, end), by_rule[next_step] != 0);
      next_action = end;
    }
    if (!game.is_running) refuse(path, "an episode that went otherwise");
  }
  curriculum_.set_gaps(gaps);
  turn_ = turn[0];
  episodes_begun_ = begun[0];
}

}  // namespace weir
