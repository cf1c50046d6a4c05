// `weir compare` through its command line, in a folder that goes away with the test.

#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/support/command_runs.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tools/experiment/compare_command.hpp"
#include "tools/experiment/comparison_file.hpp"

namespace weir {

inline constexpr const char* kSmallComparison =
    "emulate = nodes=4x1*4;work_ms=10\n"
    "stream = finance:poisson\n"
    "stream = iot:poisson\n"
    "load = 0.7\n"
    "duration = 3s\n"
    "warm-up = 1s\n"
    "dispatchers = 2\n";

// Runs `weir compare` as a user does, on four small nodes.
class CompareCommandRuns : public testing::Test {
 protected:
  CompareCommandRuns() { std::ofstream(scenario_) << kSmallComparison; }

  static std::string printed(const std::vector<std::string>& arguments) {
    return printed_by(compare_command, arguments);
  }
  static std::string refusal(const std::vector<std::string>& arguments) {
    return refused_by(compare_command, arguments);
  }
  std::vector<std::string> three_policies(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{
        scenario_.string(), "--policy",    "random",  "--policy", "least_outstanding",
        "--policy",         "round_robin", "--seeds", "8",        "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::vector<std::string> small(std::vector<std::string> more) const {
    std::vector<std::string> arguments{scenario_.string(), "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  // What was measured in the first run of that comparison.
  std::map<std::string, double> measured(std::vector<std::string> more) const {
    more.insert(more.end(), {"--out", out_});
    printed(small(more));
    return read_comparison(out_ + ".h5").rows.at(0).measured.numbers;
  }

  ScratchFolder folder_;
  std::filesystem::path scenario_ = folder_ / "small.ini";
  std::string out_ = (folder_ / "result").string();
};

}  // namespace weir
