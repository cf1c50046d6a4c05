#include "tools/experiment/tune_options.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

using Strings = std::vector<std::string>;

TuneOptions parsed(Strings more) {
  more.insert(more.begin(), {"stale.ini", "--policy", "prequal"});
  return parse_tune_options(more);
}

std::string refusal_of(const Strings& arguments) {
  return refusal([&] { parse_tune_options(arguments); });
}

TEST(TuneOptions, HaveTheStandardValuesThatTheHelpNames) {
  const TuneOptions options = parsed({});
  EXPECT_EQ(options.budget, 60);
  EXPECT_EQ(options.seed_count, 4);
  EXPECT_EQ(options.seed, 1u);
  EXPECT_EQ(options.folder, "jobs/scenarios/tuned");
  EXPECT_GE(options.thread_count, 1);
  for (const char* named : {"default 60", "default 4", "default 1", "jobs/scenarios/tuned"}) {
    EXPECT_NE(tune_help().find(named), std::string::npos) << named;
  }
}

TEST(TuneOptions, TakeSeveralScenariosPoliciesAndSettings) {
  const TuneOptions options =
      parsed({"fresh.ini", "--policy", "peak_ewma", "--set", "load=0.5", "--set", "seed=3"});
  EXPECT_EQ(options.scenarios, (Strings{"stale.ini", "fresh.ini"}));
  EXPECT_EQ(options.policies, (Strings{"prequal", "peak_ewma"}));
  EXPECT_EQ(options.settings, (Strings{"load=0.5", "seed=3"}));
}

TEST(TuneOptions, TakeWhatIsGivenInPlaceOfTheStandard) {
  const TuneOptions options = parsed({"--budget", "12", "--seeds", "3", "--seed", "99", "--jobs",
                                      "2", "--out", "mine", "--quiet", "--progress"});
  EXPECT_EQ(options.budget, 12);
  EXPECT_EQ(options.seed_count, 3);
  EXPECT_EQ(options.seed, 99u);
  EXPECT_EQ(options.thread_count, 2);
  EXPECT_EQ(options.folder, "mine");
  EXPECT_TRUE(options.quiet && options.progress);
}

TEST(TuneOptions, NeedARunForEverySeedAndProposeOneThatSuffices) {
  EXPECT_EQ(parsed({"--budget", "5", "--seeds", "5"}).budget, 5);
  const std::string report =
      refusal_of({"stale.ini", "--policy", "prequal", "--budget", "4", "--seeds", "5"});
  EXPECT_NE(report.find("--budget 50"), std::string::npos) << report;
}

TEST(TuneOptions, SayWhetherAScenarioOrAPolicyIsMissing) {
  EXPECT_NE(refusal_of({"--policy", "prequal"}).find("no scenario"), std::string::npos);
  EXPECT_NE(refusal_of({"stale.ini"}).find("no policy"), std::string::npos);
  EXPECT_EQ(refusal_of({"--help"}), kNothingRefused) << "the help needs neither";
}

TEST(TuneOptions, RefuseWhatIsUnknownOrOutOfRange) {
  for (const Strings& wrong : {Strings{"--seeds", "0"}, {"--jobs", "many"}, {"--buget", "5"}}) {
    Strings arguments{"stale.ini", "--policy", "prequal"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    const std::string report = refusal_of(arguments);
    EXPECT_NE(report.find(wrong.front().substr(2)), std::string::npos) << report;
  }
}

}  // namespace
}  // namespace weir
