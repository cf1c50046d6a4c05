#include "tools/experiment/scenario_warnings.hpp"

#include <gtest/gtest.h>

#include "tests/support/compare_command_runs.hpp"
#include "tests/support/refusal.hpp"

namespace weir {
namespace {

class ScenarioWarnings : public CompareCommandRuns {
 protected:
  // What a comparison of one seed says on stderr.
  std::string warned(std::vector<std::string> more) const {
    more.insert(more.end(), {"--seeds", "1"});
    testing::internal::CaptureStderr();
    printed(small(more));
    return testing::internal::GetCapturedStderr();
  }
  static std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
  }
};

TEST_F(ScenarioWarnings, SayOnceThatMoreIsOfferedThanTheCapacity) {
  const std::string text =
      warned({"--policy", "random", "--policy", "static", "--set", "load=1.5"});
  EXPECT_EQ(count(text, "weir-compare: warning: small: the scenario is unstable: 2400 tasks/s"), 1u)
      << text;
  EXPECT_EQ(count(text, "more than 1600"), 1u) << text;
}

TEST_F(ScenarioWarnings, AreOfEveryScenario) {
  const auto other = folder_.write("other.ini", kSmallComparison);
  const std::string text = warned({other.string(), "--policy", "random", "--set", "load=1.5"});
  EXPECT_EQ(count(text, "small: the scenario is unstable"), 1u) << text;
  EXPECT_EQ(count(text, "other: the scenario is unstable"), 1u) << text;
}

TEST_F(ScenarioWarnings, SayOnceWhichSettingsHaveNoEffect) {
  const std::string text = warned({"--policy", "random", "--policy", "static", "--set",
                                   "cluster-size=2", "--set", "drop-late=true"});
  EXPECT_EQ(count(text, "small: cluster-size has no effect without --policy tree or learned\n"), 1u)
      << text;
  EXPECT_EQ(count(text, "small: drop-late has no effect without deadline\n"), 1u) << text;
  EXPECT_EQ(count(text, "warning"), 2u) << text;
}

TEST_F(ScenarioWarnings, NameThePoliciesForWhichASettingHasNoEffect) {
  const std::string text =
      warned({"--policy", "tree", "--policy", "random", "--set", "cluster-size=2"});
  EXPECT_EQ(count(text, "cluster-size has no effect without --policy tree or learned (random)\n"),
            1u)
      << text;
}

TEST_F(ScenarioWarnings, SayNothingOfAScenarioThatIsAsItShouldBe) {
  EXPECT_EQ(warned({"--policy", "tree", "--policy", "random"}), "");
}

TEST_F(ScenarioWarnings, RefuseALoadThatIsAnotherRateForEachPolicy) {
  const auto refused = [this](std::vector<std::string> more) {
    more.insert(more.end(), {"--policy", "tree", "--policy", "random", "--set",
                             "coordinators=dedicated", "--set", "cluster-size=2"});
    const std::string report = weir::refusal([&] { warned(more); });
    if (report != kNothingRefused) testing::internal::GetCapturedStderr();
    return report;
  };
  EXPECT_NE(refused({}).find("another rate for each"), std::string::npos);
  EXPECT_EQ(refused({"--set", "rate=100"}), kNothingRefused);
}

// Of those that have parameters; what the command line gives needs no tuning.
TEST_F(ScenarioWarnings, NameThePoliciesThatAreNotTuned) {
  folder_.write("tuned/small.ini", "[power_of_two]\npolicy = power_of_two:d=3\n");
  const std::string text =
      warned({"--policy", "power_of_two", "--policy", "power_of_two:d=4", "--policy", "prequal",
              "--policy", "static", "--tuned", (folder_ / "tuned").string()});
  EXPECT_EQ(count(text, "small: no tuned parameters are stored for prequal: standard values"), 1u)
      << text;
  EXPECT_EQ(count(text, "warning"), 1u) << text;
}

}  // namespace
}  // namespace weir
