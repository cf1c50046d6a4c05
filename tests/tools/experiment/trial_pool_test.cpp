#include "tools/experiment/trial_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <ostream>
#include <sstream>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tools/command/work_line.hpp"

namespace weir {
namespace {

const StopRequest kOn = [] { return false; };

// One second of four small nodes, with these seeds.
std::vector<Trial> trials_of_seeds(const std::vector<std::uint64_t>& seeds) {
  std::vector<Trial> trials;
  for (const std::uint64_t seed : seeds) {
    Trial trial{.seed = seed,
                .settings = {{"emulate", "nodes=2x1*4;work_ms=10"},
                             {"stream", "finance:poisson"},
                             {"load", "0.7"},
                             {"duration", "1s"},
                             {"seed", std::to_string(seed)},
                             {"policy", "random"}}};
    trials.push_back(trial);
  }
  return trials;
}

double mean_ms(const std::optional<Measured>& outcome) { return outcome->numbers.at("mean_ms"); }

class TrialPool : public testing::Test {
 protected:
  std::vector<std::optional<Measured>> outcomes_of(const std::vector<Trial>& trials,
                                                   const TrialPoolOptions& options = {},
                                                   const StopRequest& stop = kOn) {
    OutcomeStore store(folder_ / "a.trials");
    return run_trials(trials, store, options, stop);
  }

  ScratchFolder folder_;
};

TEST_F(TrialPool, GivesOutcomesInTheOrderOfTheTrialsOnAnyNumberOfThreads) {
  const auto trials = trials_of_seeds({3, 1, 2, 5, 4, 6});
  const auto together = outcomes_of(trials, {.thread_count = 3});
  std::filesystem::remove(folder_ / "a.trials");
  ASSERT_EQ(together.size(), trials.size());
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const auto alone = measure(trials[i], kOn);
    ASSERT_TRUE(together[i] && alone);
    EXPECT_EQ(mean_ms(together[i]), mean_ms(alone)) << i;
  }
}

TEST_F(TrialPool, RunsNothingThatIsInTheStore) {
  const auto trials = trials_of_seeds({1, 2});
  const std::string key = key_of(trials[0]);
  OutcomeStore(folder_ / "a.trials").add(key, {{{"mean_ms", -7}}, {}, {}});
  const auto outcomes = outcomes_of(trials);
  EXPECT_EQ(mean_ms(outcomes[0]), -7) << "computed anew";
  EXPECT_GT(mean_ms(outcomes[1]), 0);
  EXPECT_TRUE(OutcomeStore(folder_ / "a.trials").find(key_of(trials[1]))) << "not kept";
}

TEST_F(TrialPool, LeavesOutWhatItWasStoppedBefore) {
  // Asked for the first time before the first trial.
  const auto outcomes = outcomes_of(trials_of_seeds({1, 2, 3}), {}, [] { return true; });
  for (const auto& outcome : outcomes) EXPECT_FALSE(outcome);
}

TEST_F(TrialPool, ThrowsWhatATrialThrowsAndKeepsTheOthersThatEnded) {
  auto trials = trials_of_seeds({1, 2});
  trials[1].settings.back() = {"policy", "best"};
  const std::string report = refusal([&] { outcomes_of(trials); });
  EXPECT_NE(report.find("best"), std::string::npos) << report;
  EXPECT_TRUE(OutcomeStore(folder_ / "a.trials").find(key_of(trials[0])));
}

// What is written to it; tells when it is flushed for the first time.
class Terminal final : public std::stringbuf {
 public:
  void wait_for_text() const { has_text_.wait(false); }

 private:
  int sync() override {
    has_text_ = true;
    has_text_.notify_all();
    return 0;
  }
  std::atomic<bool> has_text_ = false;
};

TEST_F(TrialPool, ShowsHowManyAreDoneAndTakesItAway) {
  Terminal terminal;
  std::ostream out(&terminal);
  WorkLine line({Audience::Kind::kTerminal}, "weir-compare", out, WorkLine::Clock::now());
  // No trial begins before something is shown.
  outcomes_of(trials_of_seeds({1}), {.progress = &line}, [&terminal] {
    terminal.wait_for_text();
    return false;
  });
  const std::string text = terminal.str();
  EXPECT_TRUE(text.starts_with("\r\033[K0/1 runs\r")) << text;
  EXPECT_TRUE(text.ends_with("\r\033[K")) << text;
}

}  // namespace
}  // namespace weir
