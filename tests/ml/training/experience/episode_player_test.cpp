#include "ml/training/experience/episode_player.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

// Shows its seed, its scenario and the sum of all actions; over after `length` steps.
class CountingEnvironment final : public Environment {
 public:
  explicit CountingEnvironment(int length) : length_(length) {}

  Observation reset(const Episode& episode) override {
    episode_ = episode;
    steps_ = 0;
    sum_ = 0;
    return seen();
  }
  Step step(const Actions& actions) override {
    for (const std::uint8_t action : actions) sum_ += action;
    ++steps_;
    return {.reward = static_cast<double>(sum_),
            .observation = seen(),
            .state = steps_ == length_ ? EpisodeState::kEnded : EpisodeState::kRunning};
  }

 private:
  Observation seen() const {
    return {.context = {static_cast<float>(episode_.seed % 1000),
                        static_cast<float>(episode_.scenario), static_cast<float>(sum_)}};
  }
  int length_;
  Episode episode_;
  int steps_ = 0;
  int sum_ = 0;
};

EpisodePlayer player(std::size_t count, int length = 5,
                     const std::vector<std::string>& scenarios = {"stale", "drift"}) {
  std::vector<std::unique_ptr<Environment>> environments;
  for (std::size_t i = 0; i < count; ++i) {
    environments.push_back(std::make_unique<CountingEnvironment>(length));
  }
  return EpisodePlayer(std::move(environments), Curriculum(scenarios),
                       {.steps = 2, .discount = 0.5}, 7);
}

TEST(EpisodePlayer, StepsItsEnvironmentsInTurn) {
  EpisodePlayer three = player(3);
  std::set<float> seeds;
  for (int i = 0; i < 3; ++i) {
    seeds.insert(three.observe().context[0]);
    three.act({static_cast<std::uint8_t>(i)}, false);
  }
  EXPECT_EQ(seeds.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(three.observe().context[2], static_cast<float>(i));
    three.act({0}, false);
  }
}

TEST(EpisodePlayer, TellsHowAnEpisodeWentAndBeginsAnother) {
  EpisodePlayer one = player(1, 3);
  const float seed = one.observe().context[0];
  EXPECT_FALSE(one.act({1}, false).over);
  one.observe();
  EXPECT_FALSE(one.act({1}, false).over);
  one.observe();
  const auto outcome = one.act({1}, false);
  ASSERT_TRUE(outcome.over);
  EXPECT_EQ(outcome.over->steps, 3);
  EXPECT_EQ(outcome.over->reward, 1 + 2 + 3);
  EXPECT_EQ(outcome.transitions.size(), 2U);
  EXPECT_NE(one.observe().context[0], seed);
  EXPECT_EQ(one.observe().context[2], 0);
}

TEST(EpisodePlayer, PlaysTheScenariosThatItsCurriculumDraws) {
  EpisodePlayer one = player(1, 1);
  one.curriculum().report(0, 1.0, 1.0);
  one.curriculum().report(1, 2.0, 1.0);
  int second = 0;
  for (int i = 0; i < 400; ++i) {
    second += static_cast<int>(one.observe().context[1]);
    one.act({0}, false);
  }
  EXPECT_NEAR(second, 400 * 0.85, 4 * std::sqrt(400 * 0.85 * 0.15));
}

// The transitions of some steps.
std::vector<Transition> play(EpisodePlayer& player, int steps) {
  std::vector<Transition> all;
  for (int i = 0; i < steps; ++i) {
    const float sum = player.observe().context[2];
    const bool by_rule = i % 3 == 0;
    const auto action = static_cast<std::uint8_t>(static_cast<int>(sum) % 2 + 1);
    auto outcome = player.act({action, 1}, by_rule);
    for (Transition& transition : outcome.transitions) all.push_back(std::move(transition));
  }
  return all;
}

void save(const EpisodePlayer& player, const std::filesystem::path& path) {
  RecordWriter record(path, EpisodePlayer::tables(), {}, {}, {.own_thread = false});
  player.append_to(record, TableIndex(0));
  ASSERT_FALSE(record.close().failure);
}

TEST(EpisodePlayer, GoesOnFromARecordInTheMiddleOfItsEpisodes) {
  const ScratchFolder folder;
  EpisodePlayer first = player(3);
  first.curriculum().report(1, 1.5, 1);
  play(first, 25);
  save(first, folder / "player.h5");
  EpisodePlayer second = player(3);
  second.read_from(RecordReader(folder / "player.h5"), "file");
  EXPECT_EQ(play(second, 40), play(first, 40));
}

TEST(EpisodePlayer, RefusesARecordOfOtherEnvironmentsOrScenarios) {
  const ScratchFolder folder;
  EpisodePlayer first = player(3);
  play(first, 25);
  save(first, folder / "player.h5");
  const RecordReader record(folder / "player.h5");
  EpisodePlayer fewer = player(2);
  const std::string report = refusal([&] { fewer.read_from(record, "file"); });
  EXPECT_NE(report.find("file: 3 environments"), std::string::npos) << report;
  EpisodePlayer other = player(3, 5, {"stale"});
  EXPECT_NE(refusal([&] { other.read_from(record, "file"); }), kNothingRefused);
  EpisodePlayer shorter = player(3, 2);
  EXPECT_NE(refusal([&] { shorter.read_from(record, "file"); }), kNothingRefused);
}

}  // namespace
}  // namespace weir
