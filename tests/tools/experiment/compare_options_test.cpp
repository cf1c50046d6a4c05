#include "tools/experiment/compare_options.hpp"

#include <gtest/gtest.h>

#include "tests/support/compare_command_runs.hpp"

namespace weir {
namespace {

using CompareOptionsGiven = CompareCommandRuns;

TEST_F(CompareOptionsGiven, NameFilesAndNotAFolder) {
  for (const std::string& out :
       {std::string(), std::string("."), std::string(".."), std::string("/"),
        std::string("results/"), (folder_ / ".").string()}) {
    const std::string report = refusal(small({"--policy", "random", "--out", out}));
    EXPECT_NE(report.find("the results need a name"), std::string::npos) << out << report;
  }
  EXPECT_EQ(parse_compare_options(small({"--policy", "random", "--out", "a/.hidden"})).out,
            "a/.hidden");
}

TEST_F(CompareOptionsGiven, AreRefusedBesideAReport) {
  printed(small({"--policy", "random", "--seeds", "1", "--out", out_}));
  const std::string results = out_ + ".h5";
  EXPECT_NE(refusal({"--report", results, scenario_.string()}).find("a scenario"),
            std::string::npos);
  for (const char* option : {"--policy", "--seeds", "--set", "--out", "--date", "--preset"}) {
    const std::string report = refusal({"--report", results, option, "1"});
    EXPECT_NE(report.find(option), std::string::npos) << report;
  }
  EXPECT_NE(printed({"--report", results, "--quiet"}).find("random"), std::string::npos);
}

}  // namespace
}  // namespace weir
