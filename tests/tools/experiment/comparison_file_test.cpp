#include "tools/experiment/comparison_file.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "runtime/record/record_writer.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

OutcomeRow row_of(std::size_t scenario, std::size_t policy, std::uint64_t seed, double mean_ms) {
  return {.scenario = scenario,
          .policy = policy,
          .seed = seed,
          .measured = {.numbers = {{"mean_ms", mean_ms}}, .series = {}, .p99_series = {}}};
}

// Two scenarios, two policies and two seeds.
ExperimentResults results_of_eight() {
  ExperimentResults results{.scenarios = {"small", "large"},
                            .scenario_settings = {"load = 0.5\n", "load = 0.9\nseed = 1\n"},
                            .policies = {"random", "least_outstanding"},
                            .baseline = 1,
                            .command = "weir compare small.ini",
                            .date = "2026-01-31"};
  for (std::size_t i = 0; i < 8; ++i) {
    results.rows.push_back(
        row_of(i / 4, i / 2 % 2, i % 2 + 1, 10 + 1.0 / static_cast<double>(i + 3)));
  }
  return results;
}

class ComparisonFile : public testing::Test {
 protected:
  ExperimentResults kept(const ExperimentResults& results) const {
    write_comparison(results, path_);
    return read_comparison(path_);
  }

  ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "result.h5";
};

TEST_F(ComparisonFile, KeepsWhatWasComparedAndHow) {
  ExperimentResults results = results_of_eight();
  results.window = 5s;
  results.step = 2s;
  results.tuned = {{{0, 1}, "least_outstanding:speeds=1"}, {{1, 0}, "random"}};
  const ExperimentResults found = kept(results);
  EXPECT_EQ(found.scenarios, results.scenarios);
  EXPECT_EQ(found.scenario_settings, results.scenario_settings);
  EXPECT_EQ(found.policies, results.policies);
  EXPECT_EQ(found.tuned, results.tuned);
  EXPECT_EQ(found.baseline, 1u);
  EXPECT_EQ(found.command, results.command);
  EXPECT_EQ(found.date, results.date);
  EXPECT_EQ(found.window, 5s);
  EXPECT_EQ(found.step, 2s);
}

TEST_F(ComparisonFile, TellsAStepThatWasNotMeasuredFromOneAtTheBegin) {
  ExperimentResults results = results_of_eight();
  EXPECT_FALSE(kept(results).step);
  results.step = 0s;
  EXPECT_EQ(kept(results).step, 0s);
}

TEST_F(ComparisonFile, KeepsEveryNumberOfEveryRunBitForBitAndInOrder) {
  ExperimentResults results = results_of_eight();
  results.rows[5].measured.numbers["p99_ms"] = 0.1 + 0.2;
  results.rows[6].measured.numbers["p99_ms"] = kInfinity;
  const ExperimentResults found = kept(results);
  ASSERT_EQ(found.rows.size(), results.rows.size());
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    EXPECT_EQ(found.rows[i].scenario, results.rows[i].scenario) << i;
    EXPECT_EQ(found.rows[i].policy, results.rows[i].policy) << i;
    EXPECT_EQ(found.rows[i].seed, results.rows[i].seed) << i;
    EXPECT_EQ(found.rows[i].measured.numbers, results.rows[i].measured.numbers) << i;
  }
}

TEST_F(ComparisonFile, GivesEachRunItsOwnSeconds) {
  ExperimentResults results = results_of_eight();
  results.rows[2].measured.series = {1, 2, 3};
  results.rows[2].measured.p99_series = {4, 5, 6};
  results.rows[3].measured.series = {7, 8};
  const ExperimentResults found = kept(results);
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    EXPECT_EQ(found.rows[i].measured.series, results.rows[i].measured.series) << i;
    EXPECT_EQ(found.rows[i].measured.p99_series, results.rows[i].measured.p99_series) << i;
  }
}

TEST_F(ComparisonFile, IsReplacedInOneStep) {
  kept(results_of_eight());
  ExperimentResults other = results_of_eight();
  other.command = "another";
  EXPECT_EQ(kept(other).command, "another");
  EXPECT_EQ(folder_.names(), std::vector<std::string>{"result.h5"});
}

TEST_F(ComparisonFile, IsAsItWasWhenItCannotBeWritten) {
  kept(results_of_eight());
  const std::string before = text_of_file(path_);
  // The place where a file is made first is taken.
  const std::filesystem::path taken = path_.string() + ".writing";
  std::filesystem::create_directories(taken / "mine");
  EXPECT_NE(refusal([&] { write_comparison(results_of_eight(), path_); }), kNothingRefused);
  EXPECT_EQ(text_of_file(path_), before);
  EXPECT_TRUE(std::filesystem::exists(taken / "mine"));
}

TEST_F(ComparisonFile, LeavesNothingWhereItCannotTakeItsName) {
  std::filesystem::create_directories(path_ / "mine");
  const std::string report = refusal([&] { write_comparison(results_of_eight(), path_); });
  EXPECT_NE(report.find("another name with --out"), std::string::npos) << report;
  EXPECT_EQ(folder_.names(), std::vector<std::string>{"result.h5"});
}

TEST_F(ComparisonFile, IsRefusedWhereItSpeaksOfPoliciesThatItDoesNotList) {
  ExperimentResults results = results_of_eight();
  results.tuned = {{{0, 2}, "random"}};
  const std::string report = refusal([&] { kept(results); });
  EXPECT_NE(report.find("no file of a comparison"), std::string::npos) << report;
  results.tuned.clear();
  EXPECT_EQ(refusal([&] { kept(results); }), kNothingRefused);
  results.rows.push_back(row_of(2, 0, 1, 10));
  EXPECT_NE(refusal([&] { kept(results); }), kNothingRefused);
}

TEST_F(ComparisonFile, OfAnOlderWeirLacksWhatWasNotMeasuredThen) {
  using enum ColumnType;
  const Column scenario{"scenario", kUint32, ""};
  const Column policy{"policy", kUint32, ""};
  const Column seed{"seed", kUint64, ""};
  RecordWriter writer(
      path_,
      {{"runs", {scenario, policy, seed, {"mean_ms", kDouble, ""}}},
       {"series", {scenario, policy, seed, {"second", kUint32, ""}, {"mean_ms", kDouble, ""}}},
       {"tuned", {scenario, policy, {"name", kUint32, ""}}}},
      {{"weir_contents", "comparison"},
       {"command", "weir compare"},
       {"date", ""},
       {"baseline", std::int64_t{0}},
       {"window_s", 0.0},
       {"step_s", 1.0}},
      {{"scenarios", std::vector<std::string>{"small"}, ""},
       {"policies", std::vector<std::string>{"random"}, ""}},
      {.own_thread = false});
  writer.append(TableIndex{0}, std::uint32_t{0}, std::uint32_t{0}, std::uint64_t{3}, 12.5);
  writer.append(TableIndex{1}, std::uint32_t{0}, std::uint32_t{0}, std::uint64_t{3},
                std::uint32_t{0}, 11.5);
  writer.close();
  const ExperimentResults found = read_comparison(path_);
  ASSERT_EQ(found.rows.size(), 1u);
  EXPECT_EQ(found.rows[0].measured.numbers, (std::map<std::string, double>{{"mean_ms", 12.5}}));
  EXPECT_EQ(found.rows[0].measured.series, std::vector<double>{11.5});
  EXPECT_TRUE(found.rows[0].measured.p99_series.empty());
}

}  // namespace
}  // namespace weir
