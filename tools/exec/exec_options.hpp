// What `weir exec` was asked to do.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/time.hpp"

namespace weir {

// When to take no further commands.
struct HaltRule {
  std::uint64_t fail_count = 0;  // once so many have failed; zero: never
  bool ends_running = false;     // and end those that run
};

struct ExecOptions {
  // Either a list of shell commands: a file, or "-" for standard input ...
  std::string list;
  // ... or words that values are put into, from the command line or from a file (or "-").
  std::vector<std::string> words;
  std::vector<std::string> values;
  std::string values_file;
  bool nul_separated = false;

  std::optional<Duration> time_limit;
  int retries = 0;
  std::uint64_t memory_bytes = 0;  // carried with every task; nothing heeds it yet
  HaltRule halt;

  bool keep_order = false;
  std::string logs;      // folder for a pair of files for each command
  std::string output;    // one file for the output of all, with an index beside
  std::string job_log;   // in the columns of GNU parallel
  bool survive = false;  // commands of ranks that die run elsewhere
  std::string ledger;    // folder; empty: nothing is written down
  bool progress = false;
  bool quiet = false;
  bool dry_run = false;

  std::string policy = "shortest_expected_delay+work_stealing";
  int workers = 0;  // commands at a time on each rank; zero: one for each core of its share
  bool help = false;
};

// Throws Error for what cannot be done.
ExecOptions parse_exec_options(const std::vector<std::string>& arguments);

std::string exec_help();

}  // namespace weir
