// How many processors of this node the job was granted, where a batch system says so. Many a
// cluster binds no job to its processors: there a process sees the whole machine, and only the
// environment tells which part of it is its own.

#pragma once

#include <functional>
#include <optional>
#include <string>

namespace weir {

struct ProcessorGrant {
  std::string node;    // as the batch system calls it
  int processors = 0;  // of the node, for all ranks of the job there; at least 1
};

// The value of a variable; empty: not set.
using VariableReader = std::function<std::string(const std::string& name)>;

// Of Slurm: SLURM_CPUS_ON_NODE, or where it is missing SLURM_CPUS_PER_TASK. Nothing outside the
// nodes of a job, and where neither is a number.
std::optional<ProcessorGrant> processor_grant(const VariableReader& variable);
// Of this process.
std::optional<ProcessorGrant> processor_grant();

// What the one at position `index` of `ranks` on a node gets of its processors: at least one, and
// else the parts differ by at most one.
int part_of_grant(int processors, int ranks, int index);

// Threads for work that this process does alone: one per processor that it may use and was granted.
int threads_for_this_process();

}  // namespace weir
