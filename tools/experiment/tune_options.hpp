// The command line of `weir tune`.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace weir {

struct TuneOptions {
  std::vector<std::string> scenarios;
  std::vector<std::string> policies;
  std::vector<std::string> settings;  // NAME=VALUE, for every scenario
  int budget = 60;                    // runs per policy and scenario
  int seed_count = 4;
  std::uint64_t seed = 1;  // of the search
  int thread_count = 1;
  std::filesystem::path folder;
  bool quiet = false;
  bool progress = false;
  bool help = false;
};

// Throws Error for whatever is unknown, malformed or out of range.
TuneOptions parse_tune_options(const std::vector<std::string>& arguments);

// The text of `weir tune --help`.
std::string tune_help();

}  // namespace weir
