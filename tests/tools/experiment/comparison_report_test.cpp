#include "tools/experiment/comparison_report.hpp"

#include <gtest/gtest.h>

#include "tests/support/compare_command_runs.hpp"

namespace weir {
namespace {

using ComparisonReport = CompareCommandRuns;

TEST_F(ComparisonReport, WarnsOfRunsThatAJammedNetworkEnded) {
  const std::string text = printed(small({"--policy", "random", "--policy", "static", "--seeds",
                                          "2", "--set", "latency=100h", "--out", out_}));
  EXPECT_NE(text.find("warning: the network could not carry"), std::string::npos) << text;
  EXPECT_NE(text.find("random (2 of 2 runs), static (2 of 2 runs)"), std::string::npos) << text;
  EXPECT_NE(text_of_file(out_ + ".md").find("warning: the network could not carry"),
            std::string::npos);
  EXPECT_EQ(printed({"--report", out_ + ".h5"}), text);
}

TEST_F(ComparisonReport, HasNoFloorWhereMoreIsOfferedThanTheCapacity) {
  const auto other = folder_.write("other.ini", kSmallComparison);
  const std::string text =
      printed(small({other.string(), "--policy", "random", "--seeds", "1", "--set", "load=1.5"}));
  EXPECT_NE(text.find("no floor: more is offered than the capacity"), std::string::npos) << text;
  EXPECT_EQ(text.find("never"), std::string::npos) << text;
}

TEST_F(ComparisonReport, DoesNotWarnOfANetworkThatCarriesEverything) {
  EXPECT_EQ(printed(small({"--policy", "random", "--seeds", "1"})).find("warning"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
