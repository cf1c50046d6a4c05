// What one host is made of, as a plain value: no library behind it, free to copy and compare.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "topology/cpuset.hpp"

namespace weir {

// Numbers that name other parts (package, numa, ...) are positions in the vectors of Machine; -1
// means that the machine has no such part or does not tell.

struct Package {
  int os_index = 0;
  std::string model;  // "" when unknown.
  Cpuset cpuset;
};

struct NumaDomain {
  int os_index = 0;
  int package = -1;
  std::optional<std::uint64_t> memory_bytes{};
  Cpuset cpuset;  // The PUs for which this memory is local; empty for memory without PUs.
  // To each domain, in the order of Machine::numa; 10 is local by convention. Empty when unknown.
  std::vector<int> distances{};
  // As seen from the local PUs, where the firmware tells.
  std::optional<double> bandwidth_bytes_per_s{};
  std::optional<double> latency_ns{};
};

// A data or unified cache.
struct Cache {
  int level = 1;
  std::uint64_t bytes = 0;  // 0 when unknown.
  Cpuset cpuset;
};

// Cores of one kind are equally fast. Kinds stand in ascending order of speed.
struct CoreKind {
  std::string name;  // "uniform", "efficiency", "performance" or "kind N".
  Cpuset cpuset;
};

struct Core {
  int os_index = 0;
  int package = 0;
  int numa = -1;  // The smallest domain around it.
  int kind = 0;
  int l2 = -1;       // Position in Machine::caches.
  int l3 = -1;       // Likewise.
  int cluster = -1;  // Cores of one cluster have the same number; -1 where there are none.
  Cpuset cpuset;     // Its PUs, allowed or not.
};

struct Pu {
  int os_index = 0;
  int core = 0;
};

struct NetworkCard {
  enum class Kind { kNetwork, kOpenFabrics };

  std::string name;  // As the operating system calls it: "eth0", "mlx5_0".
  Kind kind = Kind::kNetwork;
  Cpuset near;              // The PUs closest to it.
  std::vector<int> numa{};  // The domains of those PUs.
};

struct Machine {
  std::string host;
  std::string origin;  // "this host", the path of an XML file, or a synthetic description.
  // At least one package, domain, kind, core and PU. Cores and PUs stand in topological order:
  // neighbours in the vector are neighbours on the machine.
  std::vector<Package> packages;
  std::vector<NumaDomain> numa;
  std::vector<Cache> caches;
  std::vector<CoreKind> core_kinds;
  std::vector<Core> cores;
  std::vector<Pu> pus;
  std::vector<NetworkCard> network_cards;
  Cpuset online;
  // What this process may use: the operating system's cpuset and, on this host, the process's
  // binding when it was discovered. Not empty, part of `online`.
  Cpuset allowed;
};

}  // namespace weir
