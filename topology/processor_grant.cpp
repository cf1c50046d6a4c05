#include "topology/processor_grant.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <thread>

namespace weir {
namespace {

// More is no machine but a slip.
constexpr int kMostProcessors = 1'000'000;

std::optional<int> count_in(const std::string& text) {
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_count = error == std::errc() && end == text.data() + text.size();
  if (!is_count || count < 1 || count > kMostProcessors) return std::nullopt;
  return count;
}

}  // namespace

std::optional<ProcessorGrant> processor_grant(const VariableReader& variable) {
  // A shell in which `salloc` was called has the variables of a job, but is on no node of it.
  const std::string node = variable("SLURMD_NODENAME");
  if (node.empty()) return std::nullopt;
  for (const char* name : {"SLURM_CPUS_ON_NODE", "SLURM_CPUS_PER_TASK"}) {
    if (const auto count = count_in(variable(name))) return ProcessorGrant{node, *count};
  }
  return std::nullopt;
}

std::optional<ProcessorGrant> processor_grant() {
  return processor_grant([](const std::string& name) -> std::string {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
  });
}

int part_of_grant(int processors, int ranks, int index) {
  return std::max(1, processors / ranks + (index < processors % ranks ? 1 : 0));
}

int threads_for_this_process() {
  const int usable = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const auto grant = processor_grant();
  return grant ? std::min(usable, grant->processors) : usable;
}

}  // namespace weir
