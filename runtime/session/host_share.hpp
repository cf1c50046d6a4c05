// Which part of its host a rank uses, and what is worth warning about.

#pragma once

#include <string>
#include <vector>

#include "runtime/mpi/mpi_context.hpp"
#include "topology/divide.hpp"
#include "topology/machine.hpp"

namespace weir {

struct HostShare {
  Machine machine;
  NodeShare share;
  double speed = 1;  // of a core, relative to the mean over the ranks of the job
  // How many workers the batch system granted this rank; 0: it does not say. It may be less than
  // the cores of the share, where nothing binds the job to what it was granted.
  int granted_workers = 0;
  // For a person, each in one line; equal on all ranks.
  std::vector<std::string> warnings;
};

struct HostShareOptions {
  bool calibrate = true;  // else all speeds are 1
  bool warn_if_oversubscribed = true;
};

// Ranks of one host that may use the same cores divide them; ranks that their launcher bound keep
// what they were given. One rank of each host calibrates it. Throws Error where the machine does
// not tell. Collective.
HostShare find_host_share(MpiContext& mpi, const HostShareOptions& options);

}  // namespace weir
