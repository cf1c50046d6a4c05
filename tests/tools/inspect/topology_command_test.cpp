#include "tools/inspect/topology_command.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "runtime/base/error.hpp"
#include "tests/support/command_runs.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/topology/machine_files.hpp"

namespace weir {
namespace {

std::string output_of(const std::vector<std::string>& arguments) {
  return printed_by(topology_command, arguments);
}

void expect_narrow(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100U) << line;
  }
}

TEST(TopologyCommand, PrintsThisHost) {
  EXPECT_NE(output_of({}).find("1 rank on this machine"), std::string::npos);
}

TEST(TopologyCommand, PrintsTheMachineAndOneLinePerRank) {
  const std::string text =
      output_of({"--synthetic", "package:2 numa:2 core:4 pu:2", "--ranks", "4"});
  EXPECT_NE(text.find("2 packages, 4 NUMA domains, 16 cores, 32 processing units"),
            std::string::npos);
  EXPECT_NE(text.find("  3      4        3     1.0 GiB     24-31\n"), std::string::npos) << text;
  expect_narrow(text);
}

TEST(TopologyCommand, SaysWhenRanksShareCores) {
  EXPECT_NE(output_of({"--synthetic", "core:2", "--ranks", "3"}).find("ranks share cores"),
            std::string::npos);
  EXPECT_EQ(output_of({"--synthetic", "core:2", "--ranks", "2"}).find("ranks share cores"),
            std::string::npos);
}

TEST(TopologyCommand, PrintsKindsCardsAndWhatIsNotAllowed) {
  const ScratchFolder folder;
  const auto file = folder.write("small.xml", small_machine_xml("3.0", "16"));
  const std::string text = output_of({"--xml", file.string(), "--ranks", "1"});
  EXPECT_NE(text.find("allowed: 3 of 4, 0-2"), std::string::npos) << text;
  EXPECT_NE(text.find("network  eth7, near NUMA 1"), std::string::npos) << text;
  EXPECT_NE(text.find("1 performance + 2 efficiency"), std::string::npos) << text;
  EXPECT_NE(text.find("distances 10 21"), std::string::npos) << text;
}

TEST(TopologyCommand, PrintsOneJsonObject) {
  const auto json = nlohmann::json::parse(
      output_of({"--synthetic", "numa:2 core:2 pu:2", "--ranks=2", "--json"}));
  EXPECT_EQ(json.at("allowed"), "0-7");
  EXPECT_EQ(json.at("numa").size(), 2U);
  EXPECT_EQ(json.at("cores").size(), 4U);
  ASSERT_EQ(json.at("ranks").size(), 2U);
  EXPECT_EQ(json.at("ranks").at(1).at("cpuset"), "4-7");
  EXPECT_EQ(json.at("ranks").at(1).at("workers").at(0).at("cpuset"), "4-5");
  EXPECT_EQ(json.at("ranks").at(1).at("memory_bytes"), 1U << 30);
}

TEST(TopologyCommand, RefusesArgumentsThatMakeNoSense) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--bogus"},
                                             {"file.xml"},
                                             {"--ranks", "0"},
                                             {"--ranks", "many"},
                                             {"--ranks"},
                                             {"--xml", ""},
                                             {"--synthetic", ""},
                                             {"--xml", "/nonexistent.xml"},
                                             {"--xml", "a.xml", "--synthetic", "core:2"}}) {
    std::ostringstream out;
    EXPECT_THROW(topology_command(arguments, out), Error) << arguments.front();
    EXPECT_EQ(out.str(), "");
  }
}

TEST(TopologyCommand, ExplainsItself) {
  const std::string text = output_of({"--help"});
  EXPECT_NE(text.find("--ranks"), std::string::npos);
}

TEST(TopologyCommand, PrintsEveryRealMachineWithinTheWidth) {
  const auto files = real_machine_files();
  if (files.empty()) GTEST_SKIP() << "no traces at hand";
  for (const auto& file : files) {
    for (const char* ranks : {"1", "3", "8"}) {
      const std::string text = output_of({"--xml", file.string(), "--ranks", ranks});
      // The first line holds the path as given.
      expect_narrow(text.substr(text.find('\n') + 1));
    }
  }
}

TEST(TopologyCommand, PrintsTheTreeOfCoordinatorsOfAsManyRanksAsAsked) {
  const std::string text = output_of({"--tree", "--ranks", "10000", "--cluster-size", "50"});
  EXPECT_NE(text.find("10000 ranks, 3 levels of coordinators, each with at most 50 children"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("level 1  200 coordinators"), std::string::npos);
  EXPECT_NE(text.find("  rank 9950   50 nodes: 9950-9999\n"), std::string::npos);
  EXPECT_NE(text.find("  rank 0      4 coordinators: 0, 2500, 5000, 7500\n"), std::string::npos);
}

TEST(TopologyCommand, PrintsTheTreeAsJson) {
  const auto json = nlohmann::json::parse(output_of(
      {"--tree", "--ranks", "9", "--cluster-size", "3", "--coordinators", "dedicated", "--json"}));
  EXPECT_EQ(json["levels"], 2);
  EXPECT_EQ(json["coordinators"][0]["children"], (std::vector<int>{0, 3, 6}));
  EXPECT_EQ(json["coordinators"][1]["runs_tasks"], false);
}

TEST(TopologyCommand, RefusesTreesThatCannotBe) {
  std::ostringstream out;
  EXPECT_THROW(topology_command({"--tree", "--fan-out", "65"}, out), Error);
  EXPECT_THROW(topology_command({"--tree", "--fan-out", "4", "--cluster-size", "5"}, out), Error);
  EXPECT_THROW(topology_command({"--tree", "--coordinators", "both"}, out), Error);
  EXPECT_THROW(topology_command({"--fan-out", "4"}, out), Error);
  EXPECT_THROW(topology_command({"--tree", "--synthetic", "core:4 pu:1"}, out), Error);
}

TEST(TopologyCommand, TriesATreeThatCanBe) {
  const auto tried = [](const std::vector<std::string>& arguments) -> std::string {
    std::ostringstream out;
    try {
      topology_command(arguments, out);
    } catch (const Error& error) {
      return error.try_this();
    }
    return kNothingRefused;
  };
  EXPECT_EQ(tried({"--tree", "--fan-out", "3", "--cluster-size", "4"}), "--cluster-size 3");
  EXPECT_EQ(tried({"--tree", "--fan-out", "65"}), "--fan-out 32");
  EXPECT_EQ(tried({"--tree", "--ranks", "5000", "--fan-out", "2"}), "--fan-out 64");
  EXPECT_EQ(tried({"--tree", "--ranks", "5000", "--fan-out", "2", "--cluster-size", "1"}),
            "--fan-out 64 and --cluster-size 64");
  for (const std::vector<std::string>& wide :
       {std::vector<std::string>{"--tree", "--ranks", "5000", "--fan-out", "64"},
        {"--tree", "--ranks", "65536", "--fan-out", "64", "--cluster-size", "64"}}) {
    EXPECT_EQ(tried(wide), kNothingRefused);
  }
}

}  // namespace
}  // namespace weir
