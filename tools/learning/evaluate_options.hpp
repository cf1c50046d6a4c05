// The options of `weir evaluate`.

#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace weir {

struct EvaluatedTrace {
  std::filesystem::path file;
  double time_scale = 1;
};

struct EvaluateOptions {
  bool help = false;
  std::filesystem::path weights;     // empty: those that come with weir
  std::vector<std::string> streams;  // generated
  std::vector<EvaluatedTrace> traces;
  int seed_count = 5;  // 0: no generated streams
  double rate_per_s = 300;
  std::size_t bin_count = 3600;          // of a generated stream, half of them for fitting
  std::size_t trace_bin_count = 20'000;  // at most
  bool by_horizon = false;
  bool markdown = false;
};

// Throws Error for what is no option, or a value out of range.
EvaluateOptions parse_evaluate_options(const std::vector<std::string>& arguments);

std::string evaluate_help();

}  // namespace weir
