// The work of a run: its streams with their rates, and the kinds of task they consist of.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/exec/emulation_spec.hpp"
#include "runtime/exec/kind_table.hpp"
#include "tools/load/stream_source.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {

// One kind and one class per kernel, in the order of kernel_names().
KindTable kernel_kinds();
std::vector<std::string> kernel_class_names();

struct Workload {
  std::vector<NumberedStream> streams;
  std::vector<std::string> names;  // by stream id
  double rate_per_s = 0;           // of all streams together, in run time
};

// The file of a trace: a relative path begins in the folder of the options; without one here, or
// else in the environment's. Throws Error where there is no such file.
std::filesystem::path trace_path(const RunOptions& options, const std::filesystem::path& name);

// Opens the streams and traces of `options`. With a load they are set to that share of
// `capacity_per_s`. Throws Error for what cannot be opened.
Workload make_workload(const RunOptions& options, double capacity_per_s);

// Mean time a core of this machine needs for a task of this mix, from a few tasks of every stream:
// what a load refers to where work is real. Takes some tens of ms.
double measured_mean_service_s(const RunOptions& options);

}  // namespace weir
