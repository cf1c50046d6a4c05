// `weir compare` through its command line, in a folder that goes away with the test.

#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "tests/support/trace_files.hpp"
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

  static std::string printed(std::vector<std::string> arguments) {
    std::ostringstream out;
    EXPECT_EQ(compare_command(arguments, out), 0);
    return out.str();
  }
  std::string refusal(const std::vector<std::string>& arguments) const {
    std::ostringstream out;
    try {
      compare_command(arguments, out);
    } catch (const Error& error) {
      EXPECT_EQ(out.str(), "");
      return error.report();
    }
    return "nothing was refused";
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
  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TraceFolder folder_;
  std::filesystem::path scenario_ = folder_ / "small.ini";
  std::string out_ = (folder_ / "result").string();
};

}  // namespace weir
