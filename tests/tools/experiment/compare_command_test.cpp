#include "tools/experiment/compare_command.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/compare_command_runs.hpp"
#include "tools/experiment/comparison_file.hpp"

namespace weir {
namespace {

using CompareCommand = CompareCommandRuns;

TEST_F(CompareCommand, FindsThatCountingTasksBeatsChance) {
  const std::string table = printed(three_policies());
  EXPECT_NE(table.find("least_outstanding"), std::string::npos);
  EXPECT_NE(table.find("better"), std::string::npos);
  EXPECT_EQ(table.find("worse"), std::string::npos);
}

TEST_F(CompareCommand, TakesTheOracleAsAReference) {
  const std::string table = printed(three_policies({"--policy", "oracle", "--baseline", "oracle"}));
  EXPECT_NE(table.find("worse"), std::string::npos);
  EXPECT_EQ(table.find("better"), std::string::npos);
}

TEST_F(CompareCommand, GivesEveryPolicyTheSameTasks) {
  printed(three_policies({"--out", out_}));
  const ExperimentResults results = read_comparison(out_ + ".h5");
  ASSERT_EQ(results.rows.size(), 24u);
  for (std::size_t seed = 0; seed < 8; ++seed) {
    const double tasks = results.rows[seed].measured.numbers.at("tasks");
    EXPECT_EQ(results.rows[8 + seed].measured.numbers.at("tasks"), tasks);
    EXPECT_EQ(results.rows[16 + seed].measured.numbers.at("tasks"), tasks);
    EXPECT_EQ(results.rows[seed].seed, seed + 1);
  }
}

TEST_F(CompareCommand, NeverComputesTwiceAndPrintsTheSameAgain) {
  const std::string first = printed(three_policies({"--out", out_}));
  const std::string kept = text_of_file(out_ + ".trials");
  EXPECT_EQ(printed(three_policies({"--out", out_})), first);
  EXPECT_EQ(text_of_file(out_ + ".trials"), kept);
  EXPECT_EQ(printed({"--report", out_ + ".h5"}), first);
  EXPECT_NE(text_of_file(out_ + ".md").find("weir compare"), std::string::npos);
}

TEST_F(CompareCommand, GoesOnWhereItWasBroken) {
  const std::string first = printed(three_policies({"--out", out_}));
  const std::string kept = text_of_file(out_ + ".trials");
  // Half of the lines and a torn one.
  std::ofstream(out_ + ".trials") << kept.substr(0, kept.size() / 2);
  const std::string again = printed(three_policies({"--out", out_}));
  // Processor time apart, which the second table holds.
  EXPECT_EQ(again.substr(0, again.find("per task")), first.substr(0, first.find("per task")));
}

TEST_F(CompareCommand, DoesNotDependOnTheNumberOfThreads) {
  const std::string one = printed(three_policies({"--jobs", "1"}));
  const std::string four = printed(three_policies({"--jobs", "4"}));
  EXPECT_EQ(one.substr(0, one.find("per task")), four.substr(0, four.find("per task")));
}

TEST_F(CompareCommand, MeasuresThroughputAndAdaptation) {
  printed({scenario_.string(), "--policy", "least_outstanding", "--policy", "random", "--seeds",
           "2", "--quiet", "--throughput", "5s", "--throughput-seeds", "1", "--set", "duration=24s",
           "--adaptation", "2s", "--out", out_});
  const ExperimentResults results = read_comparison(out_ + ".h5");
  // 16 cores and 10 ms: at most 1,600 tasks/s.
  const auto& numbers = results.rows[0].measured.numbers;
  EXPECT_GT(numbers.at("sustained_per_s"), 1300);
  EXPECT_LT(numbers.at("sustained_per_s"), 1700);
  EXPECT_FALSE(results.rows[1].measured.numbers.contains("sustained_per_s"));
  const auto summaries = summaries_of(results);
  // Nothing changes at that time, so the better rule has nothing to adapt to.
  EXPECT_LE(summaries[0].adaptation_s.value(), 10);
  EXPECT_EQ(results.rows[0].measured.series.size(), 24u);
  EXPECT_EQ(results.rows[0].measured.p99_series.size(), results.rows[0].measured.series.size());
  // Seconds differ a little even so; random placement is worse than the better rule throughout.
  EXPECT_GE(summaries[0].overshoot.value(), 1);
  EXPECT_LE(summaries[0].overshoot.value(), 2);
  EXPECT_GT(summaries[1].overshoot.value(), summaries[0].overshoot.value());
  const std::string report = printed({"--report", out_ + ".h5"});
  EXPECT_NE(report.find("p99 overshoot"), std::string::npos) << report;
  EXPECT_NE(text_of_file(out_ + ".md").find("| p99 overshoot |"), std::string::npos);
}

TEST_F(CompareCommand, RefusesWhatItCannotUse) {
  const std::string path = scenario_.string();
  EXPECT_NE(refusal({}).find("no scenario"), std::string::npos);
  const auto refusal_of = [&](const std::string& option, const std::string& value) {
    return refusal({path, "--policy", "random", option, value});
  };
  EXPECT_NE(refusal_of("--set", "seed=3").find("--first-seed"), std::string::npos);
  EXPECT_NE(refusal_of("--set", "policy=static").find("--policy"), std::string::npos);
  EXPECT_NE(refusal_of("--out", "").find("a name for the files"), std::string::npos);
  EXPECT_NE(refusal_of("--tuned", "/no/such/folder").find("no such folder"), std::string::npos);
  EXPECT_NE(refusal({path}).find("no policy"), std::string::npos);
  EXPECT_NE(refusal({"/no/such.ini", "--policy", "random"}).find("/no/such.ini"),
            std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "best"}).find("best"), std::string::npos);
  EXPECT_NE(refusal({path, path, "--policy", "random"}).find("twice"), std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "random", "--policy", "random"}).find("twice"),
            std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "random", "--baseline", "static"}).find("baseline"),
            std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "random", "--seeds", "0"}).find("from 1 to"),
            std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "random", "--set", "lod=1"}).find("lod"), std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "random", "--adaptation", "9s"}).find("3.0"),
            std::string::npos);
  EXPECT_NE(refusal({"--preset", "other"}).find("paper"), std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "random", "--out", path + "/x/y"}).find(path + "/x"),
            std::string::npos);
  EXPECT_NE(refusal({"--report", path}).find(path), std::string::npos);
}

TEST_F(CompareCommand, MakesTheFolderOfItsResultsAsTuneDoes) {
  const std::string name = (folder_ / "new" / "folder" / "mine").string();
  printed(small({"--policy", "random", "--seeds", "1", "--out", name}));
  for (const char* ending : {".trials", ".h5", ".md"}) {
    EXPECT_TRUE(std::filesystem::exists(name + ending)) << ending;
  }
}

TEST_F(CompareCommand, NamesItselfWhereAReportIsOfNoFileOfResults) {
  printed(small({"--policy", "random", "--seeds", "1", "--out", out_}));
  const std::string whole = text_of_file(out_ + ".h5");
  std::ofstream(out_ + ".h5") << whole.substr(0, 3000);
  for (const std::string& path : {out_ + ".h5", scenario_.string()}) {
    const std::string report = refusal({"--report", path});
    EXPECT_NE(report.find("weir compare --out"), std::string::npos) << report;
    EXPECT_EQ(report.find("weir run"), std::string::npos) << report;
  }
}

TEST_F(CompareCommand, DoesNotReplaceAForeignFile) {
  std::ofstream(out_ + ".h5") << "mine";
  EXPECT_NE(refusal(three_policies({"--out", out_})), kNothingRefused);
  EXPECT_EQ(text_of_file(out_ + ".h5"), "mine");
}

}  // namespace
}  // namespace weir
