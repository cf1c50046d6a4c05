// What `weir run` can be told: on the command line, in WEIR_* variables, in an INI file; the first
// that says something wins.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/control/capacity_options.hpp"
#include "tools/settings/isolation_settings.hpp"
#include "tools/settings/load_options.hpp"
#include "tools/settings/online_settings.hpp"
#include "tools/settings/plan_demand_settings.hpp"
#include "tools/settings/tree_options.hpp"

namespace weir {

// Of the environment: the folder of a collection of traces.
inline constexpr std::string_view kTracesVariable = "WEIR_TRACES_DIR";

struct RunOptions {
  std::vector<std::string> streams;
  std::vector<std::filesystem::path> traces;
  std::filesystem::path traces_folder;  // where relative paths begin; empty: here
  std::filesystem::path more_traces;    // where those begin that are not here
  std::string policy = "learned";
  std::filesystem::path weights;  // of the learned policy; empty: those that come with weir
  std::string control = "none";   // by what its coordinators price nodes: none, shipped or a file
  std::string limit_control = "none";  // by what nodes correct class limits: likewise
  std::optional<Duration> duration;    // of stream time; unset: 10 s for streams, all of a trace
  double rate_per_s = 400;             // of all streams together; traces have their own
  std::optional<double> load;  // share of the capacity; replaces the rate and the time scale
  double time_scale = 1;       // of traces
  double work_scale = 1;
  LoadOptions loads;
  CapacityOptions capacity;
  PlanDemand plan_demand = PlanDemand::kMeasured;
  OnlineSettings online;
  std::uint64_t seed = 1;
  std::string emulate;  // empty: tasks compute
  int workers = 0;      // per rank; 0: one per core of its share of the host
  int dispatchers = 0;  // ranks that submit; 0: all, at most 8
  int retries = 0;
  double failure_share = 0;  // of the tasks, made to throw
  IsolationSettings isolation;
  Duration report_interval{0};
  TreeOptions tree;      // where the policy follows one
  std::string switches;  // likewise, the file; empty: what Slurm tells
  std::optional<std::filesystem::path> record;
  double record_share = 1;  // of the tasks, that get a row of their own
  bool record_placements = false;
  std::filesystem::path resume;  // where the run's position is kept; empty: it cannot be continued
  std::filesystem::path ledger;  // the folder of what survives a kill; empty: nothing does
  bool check_invariants = false;
  bool survive = false;  // ranks may die, and the others go on
  bool json = false;
  bool progress = false;  // forced
  bool quiet = false;
  bool help = false;
  std::vector<std::string> warnings;  // about options that change nothing, a line each
};

// Options in the order of the table that is stored with a run: name and value as text.
std::vector<std::pair<std::string, std::string>> as_text(const RunOptions& options);

// `environment` maps variable names to values. Throws Error for whatever is unknown, malformed or
// out of range.
RunOptions parse_run_options(const std::vector<std::string>& arguments,
                             const std::vector<std::pair<std::string, std::string>>& environment);

// Whether its policy goes by the tree of coordinators, and so heeds what shapes it.
bool follows_tree(const RunOptions& options);

// The WEIR_* variables of this process.
std::vector<std::pair<std::string, std::string>> weir_environment();

// The text of `weir run --help`.
std::string run_help();

}  // namespace weir
