// The command line of `weir compare`.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/time.hpp"

namespace weir {

struct CompareOptions {
  std::vector<std::string> scenarios;
  std::vector<std::string> policies;
  std::vector<std::string> settings;  // NAME=VALUE, for every scenario
  std::string baseline;               // empty: the first policy
  std::string preset;                 // empty, or "paper"
  std::uint64_t first_seed = 1;
  int seed_count = 0;                         // 0: 20
  int thread_count = 0;                       // 0: one per core
  std::optional<Duration> throughput_window;  // measure sustained throughput
  int throughput_seed_count = 0;              // 0: all seeds
  std::optional<Duration> step;               // measure adaptation to what changes then
  std::optional<std::filesystem::path> out;   // NAME of NAME.trials, NAME.h5 and NAME.md
  std::optional<std::filesystem::path> report;
  std::optional<std::filesystem::path> tuned;  // folder with tuned parameters
  std::string date;
  bool progress = false;  // although no terminal is seen
  bool quiet = false;
  bool help = false;
};

// Seeds from here on are for tuning: what was tuned on them is judged on others.
inline constexpr std::uint64_t kFirstTuningSeed = 1'000'000;

// Throws Error for whatever is unknown, malformed or out of range.
CompareOptions parse_compare_options(const std::vector<std::string>& arguments);

// The text of `weir compare --help`.
std::string compare_help();

}  // namespace weir
