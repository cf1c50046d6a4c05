#include "runtime/process/child_environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace weir {
namespace {

constexpr std::array<std::string_view, 19> kPrefixes{
    "OMPI_",          "OPAL_",           "ORTE_",
    "PMIX_",          "PRTE_",           "PMI_",
    "PMI2_",          "HYDRA_",          "HYDI_",
    "MPIR_CVAR_CH3_", "MV2_COMM_WORLD_", "SLURM_STEP",
    "SLURM_SRUN_",    "SLURM_PMIX",      "SLURM_PMI_",
    "SLURM_CPU_BIND", "SLURM_MEM_BIND",  "SLURM_TOPOLOGY_",
    "WEIR_TERMINAL"};

constexpr std::array<std::string_view, 11> kNames{
    "MPI_LOCALRANKID",    "MPI_LOCALNRANKS", "SLURM_PROCID",   "SLURM_LOCALID",
    "SLURM_NODEID",       "SLURM_GTIDS",     "SLURM_TASK_PID", "SLURM_LAUNCH_NODE_IPADDR",
    "SLURM_DISTRIBUTION", "SLURM_MPI_TYPE",  "WEIR_LAUNCHED"};

}  // namespace

bool is_launch_variable(std::string_view name) {
  if (name.starts_with("OMPI_ALLOW_RUN_AS_ROOT")) return false;
  return std::ranges::find(kNames, name) != kNames.end() ||
         std::ranges::any_of(kPrefixes, [name](auto prefix) { return name.starts_with(prefix); });
}

std::vector<std::string> without_launch_variables(const std::vector<std::string>& environment) {
  std::vector<std::string> kept;
  std::ranges::copy_if(environment, std::back_inserter(kept), [](const std::string& entry) {
    return !is_launch_variable(std::string_view(entry).substr(0, entry.find('=')));
  });
  return kept;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  return entries;
}

std::string_view value_in(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string_view entry : environment) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
  }
  return {};
}

}  // namespace weir
