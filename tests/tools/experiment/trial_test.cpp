#include "tools/experiment/trial.hpp"

#include <gtest/gtest.h>

#include <iomanip>

#include "tests/support/compare_command_runs.hpp"
#include "tools/simulate/simulated_run.hpp"

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

// A trace that is not where the program runs.
class TrialsOfATrace : public CompareCommandRuns {
 protected:
  TrialsOfATrace() {
    std::ofstream(scenario_) << "emulate = nodes=4x1*4;work_ms=10\n"
                                "trace = social/posts_persec.csv\n"
                                "duration = 2s\n"
                                "dispatchers = 2\n";
  }
  ~TrialsOfATrace() override { ::unsetenv("WEIR_TRACES_DIR"); }

  std::string traces() const { return (folder_ / "traces").string(); }
  double tasks_of(const std::string& counts, std::vector<std::string> more) {
    folder_.write("traces/social/posts_persec.csv", "count\n" + counts);
    more.insert(more.end(), {"--policy", "random", "--seeds", "1"});
    return measured(more).at("tasks");
  }
};

TEST_F(TrialsOfATrace, RunAnewWhenATraceOfTheEnvironmentsFolderHasChanged) {
  ::setenv("WEIR_TRACES_DIR", traces().c_str(), 1);
  EXPECT_EQ(tasks_of("5\n5\n", {}), 10);
  EXPECT_EQ(tasks_of("7\n7\n", {}), 14);
}

TEST_F(TrialsOfATrace, RunAnewWhenATraceOfANamedFolderHasChanged) {
  const std::vector<std::string> named{"--set", "traces-folder=" + traces()};
  EXPECT_EQ(tasks_of("5\n5\n", named), 10);
  EXPECT_EQ(tasks_of("7\n7\n", named), 14);
}

TEST_F(TrialsOfATrace, AreRefusedWhereTheTraceIsNotThere) {
  const std::string report =
      refusal(small({"--policy", "random", "--seeds", "1", "--set", "traces-folder=/nowhere"}));
  EXPECT_NE(report.find("/nowhere/social/posts_persec.csv: no such file"), std::string::npos)
      << report;
}

TEST_F(TrialsOfATrace, HaveNoKeyWithoutTheTrace) {
  const Trial trial{.settings = read_scenario(scenario_.string())};
  EXPECT_THROW(key_of(trial), Error);
}

}  // namespace
}  // namespace weir
