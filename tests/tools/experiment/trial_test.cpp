#include "tools/experiment/trial.hpp"

#include <gtest/gtest.h>

#include <iomanip>

#include "tests/support/compare_command_runs.hpp"
#include "tools/simulated_run.hpp"

namespace weir {
namespace {

using Trials = CompareCommandRuns;

// The same run as `weir simulate` would show it.
RunResult simulated(const std::filesystem::path& scenario,
                    const std::vector<std::string>& settings) {
  Settings all = read_scenario(scenario.string());
  change_settings(all, {"seed=1"});
  change_settings(all, settings);
  return simulate(options_of(all));
}

TEST_F(Trials, CountWhatADeadNodeTookWithItAsLost) {
  const RunResult whole = simulated(scenario_, {"policy=random", "death=0@2s"});
  ASSERT_GT(whole.world->lost, 0u);
  const auto numbers = measured({"--policy", "random", "--seeds", "1", "--set", "death=0@2s"});
  EXPECT_DOUBLE_EQ(numbers.at("tasks"), static_cast<double>(whole.submitted()));
  EXPECT_DOUBLE_EQ(numbers.at("loss") * numbers.at("tasks"),
                   static_cast<double>(whole.world->lost));
}

TEST_F(Trials, LoseNothingWhereNothingDies) {
  EXPECT_EQ(measured({"--policy", "random", "--seeds", "1"}).at("loss"), 0);
}

// One of two streams has a deadline.
TEST_F(Trials, CountMissedDeadlinesAmongTheTasksThatHaveOne) {
  const RunResult whole = simulated(scenario_, {"policy=random", "deadline=iot=20ms"});
  std::uint64_t missed = 0;
  std::uint64_t with_deadline = 0;
  for (const ClassTally& each : whole.tally.classes()) {
    missed += each.missed;
    with_deadline += each.with_deadline;
  }
  ASSERT_GT(missed, 0u);
  ASSERT_LT(with_deadline, whole.submitted());
  EXPECT_DOUBLE_EQ(
      measured({"--policy", "random", "--seeds", "1", "--set", "deadline=iot=20ms"}).at("missed"),
      static_cast<double>(missed) / static_cast<double>(with_deadline));
}

TEST_F(Trials, SayThatNoDeadlineWasMissedOnlyWhereThereAreDeadlines) {
  const std::vector<std::string> one_run{"--policy", "random", "--seeds", "1"};
  EXPECT_FALSE(measured(one_run).contains("missed"));
  auto with_deadline = one_run;
  with_deadline.insert(with_deadline.end(), {"--set", "deadline=iot=1h"});
  EXPECT_EQ(measured(with_deadline).at("missed"), 0);
}

TEST_F(Trials, SustainNoRateAtWhichADeadNodeTakesTooManyTasksWithIt) {
  const std::vector<std::string> world{"policy=least_outstanding", "duration=5s", "death=0@4s"};
  const auto numbers = measured({"--policy", "least_outstanding", "--seeds", "1", "--throughput",
                                 "4s", "--set", "death=0@4s"});
  ASSERT_GT(numbers.at("sustained_load"), 0);
  std::ostringstream load;
  load << std::setprecision(9) << "load=" << numbers.at("sustained_load");
  auto settings = world;
  settings.push_back(load.str());
  const RunResult at_most = simulated(scenario_, settings);
  EXPECT_LT(static_cast<double>(at_most.world->lost),
            0.001 * static_cast<double>(at_most.submitted()));
}

}  // namespace
}  // namespace weir
