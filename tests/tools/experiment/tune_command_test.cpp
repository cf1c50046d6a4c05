#include "tools/experiment/tune_command.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "runtime/base/error.hpp"
#include "tests/support/command_runs.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tools/experiment/compare_command.hpp"
#include "tools/experiment/compare_options.hpp"
#include "tools/experiment/tuned_policies.hpp"

namespace weir {
namespace {

constexpr const char* kSmall =
    "emulate = nodes=4x1*6;work_ms=10\n"
    "stream = finance:poisson\n"
    "load = 0.8\n"
    "duration = 3s\n"
    "warm-up = 1s\n"
    "dispatchers = 3\n";

class TuneCommand : public testing::Test {
 protected:
  TuneCommand() { std::ofstream(scenario_) << kSmall; }

  std::string tuned(std::vector<std::string> more) const {
    std::vector<std::string> arguments{scenario_.string(), "--out", out_, "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return printed_by(tune_command, arguments);
  }
  static std::string refusal(const std::vector<std::string>& arguments) {
    return refused_by(tune_command, arguments);
  }
  std::string stored() const { return text_of_file(out_ + "/small.ini"); }

  ScratchFolder folder_;
  std::filesystem::path scenario_ = folder_ / "small.ini";
  std::string out_ = (folder_ / "tuned").string();
};

TEST_F(TuneCommand, StoresParametersThatCompareUses) {
  tuned({"--policy", "power_of_two", "--budget", "24", "--seeds", "2"});
  const auto policies = read_tuned(out_ + "/small.ini");
  ASSERT_TRUE(policies.contains("power_of_two"));
  const TunedPolicy& entry = policies.at("power_of_two");
  EXPECT_TRUE(entry.policy.starts_with("power_of_two:d=")) << entry.policy;
  // More than two samples are better here, where six nodes are all there are.
  EXPECT_LT(std::stod(entry.mean_ms), std::stod(entry.standard_ms));
  EXPECT_EQ(entry.seeds, "1000000 to 1000001");
  const std::string table =
      printed_by(compare_command, {scenario_.string(), "--policy", "power_of_two", "--policy",
                                   "random", "--seeds", "2", "--tuned", out_, "--quiet"});
  EXPECT_NE(table.find(entry.policy + " (tuned)"), std::string::npos) << table;
  EXPECT_FALSE(std::filesystem::exists(out_ + "/small.ini.trials"));
}

TEST_F(TuneCommand, RepeatsItselfAndKeepsOtherPolicies) {
  tuned({"--policy", "power_of_two", "--budget", "12", "--seeds", "2"});
  const std::string first = stored();
  tuned({"--policy", "power_of_two", "--budget", "12", "--seeds", "2", "--jobs", "1"});
  EXPECT_EQ(stored(), first);
  tuned({"--policy", "join_fastest_idle_local+work_stealing", "--budget", "4", "--seeds", "2"});
  const auto policies = read_tuned(out_ + "/small.ini");
  EXPECT_EQ(policies.size(), 2u);
  EXPECT_TRUE(
      policies.at("join_fastest_idle_local+work_stealing").policy.ends_with("+work_stealing"));
}

TEST_F(TuneCommand, TunesOnSeedsThatCompareCannotUse) {
  EXPECT_THROW(parse_compare_options({"x.ini", "--policy", "random", "--first-seed", "1000000"}),
               Error);
  const CompareOptions last = parse_compare_options(
      {"x.ini", "--policy", "random", "--first-seed", "989999", "--seeds", "10000"});
  EXPECT_LT(last.first_seed + static_cast<std::uint64_t>(last.seed_count) - 1, kFirstTuningSeed);
}

TEST_F(TuneCommand, SpendsABudgetOfOneRunForEverySeedOnTheStandardValues) {
  const std::string table = tuned({"--policy", "power_of_two", "--budget", "2", "--seeds", "2"});
  const TunedPolicy entry = read_tuned(out_ + "/small.ini").at("power_of_two");
  EXPECT_EQ(entry.policy, "power_of_two:d=2,own_weight=1");
  EXPECT_EQ(entry.mean_ms, entry.standard_ms);
  EXPECT_NE(table.find("0.00%     2\n"), std::string::npos) << table;
}

TEST_F(TuneCommand, WarnsOfAScenarioThatIsOverloaded) {
  testing::internal::CaptureStderr();
  tuned({"--policy", "power_of_two", "--budget", "2", "--seeds", "2", "--set", "load=1.5"});
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("weir-tune: warning: small: the scenario is unstable"), std::string::npos)
      << text;
}

TEST_F(TuneCommand, RefusesWhatItCannotUse) {
  const std::string path = scenario_.string();
  EXPECT_NE(refusal({}).find("no scenario"), std::string::npos);
  EXPECT_NE(refusal({path}).find("no policy"), std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "best"}).find("best"), std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "power_of_two:d=3"}).find("name alone"), std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "power_of_two", "--budget", "0"}).find("from 1"),
            std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "power_of_two", "--budget", "3"}).find("too small"),
            std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "power_of_two", "--out", path + "/x"}).find(path + "/x"),
            std::string::npos);
  std::filesystem::create_directory(out_);
  std::ofstream(out_ + "/small.ini") << "load = 0.5\n";
  EXPECT_NE(refusal({path, "--policy", "power_of_two", "--out", out_}).find("no tuned parameters"),
            std::string::npos);
  EXPECT_EQ(stored(), "load = 0.5\n");
}

}  // namespace
}  // namespace weir
