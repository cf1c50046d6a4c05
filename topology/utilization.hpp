// How busy a node is, as the operating system counts it.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "runtime/base/time.hpp"
#include "topology/cgroup_limits.hpp"
#include "topology/machine.hpp"
#include "topology/sampled_file.hpp"

namespace weir {

struct MemoryUsage {
  // The smaller of what the machine has and what the control groups grant; available likewise.
  std::uint64_t total_bytes = 0;
  std::uint64_t available_bytes = 0;
  bool limited_by_cgroup = false;

  std::uint64_t used_bytes() const { return total_bytes - available_bytes; }
};

// Since boot. Cards only: virtual interfaces carry the same bytes a second time, unless there is
// nothing else.
struct NetworkCounts {
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t loopback_bytes = 0;  // Sent over lo, to this host itself.
};

// Pressure stall information: how long tasks waited for a resource.
struct Pressure {
  double some_share = 0;  // Of the last 10 s, at least one task waited; in [0, 1].
  Duration some_total{};  // Since boot.
};

// Whatever this machine does not tell is absent, never zero.
struct UtilizationSample {
  // Shares in [0, 1] of the time since the sample before this one that was not idle; absent in the
  // first sample, for PUs that went offline, and when less than a clock tick (10 ms) has passed.
  std::vector<std::optional<double>> busy_per_core;  // In the order of UtilizationSampler::cores().
  std::vector<std::optional<double>> busy_per_numa;  // In the order of numa(); all PUs of each.
  std::optional<double> busy;                        // Of the sampler's cpuset.
  // The share of the time that the hypervisor gave to somebody else; counted as neither busy nor
  // idle.
  std::optional<double> stolen;

  std::optional<MemoryUsage> memory;
  std::optional<NetworkCounts> network;
  std::optional<Pressure> cpu_pressure;
  std::optional<Pressure> memory_pressure;
  std::optional<Pressure> io_pressure;
  std::optional<CgroupCpu> cgroup_cpu;
};

struct UtilizationRoots {
  std::filesystem::path proc = "/proc";
  std::filesystem::path cgroup = "/sys/fs/cgroup";
};

// Reads a dozen small files that it keeps open. A sample costs well under 0.1 ms on a small
// machine; most of it is the kernel adding up /proc/stat, which grows with the number of PUs and
// interrupts. Not for concurrent use.
class UtilizationSampler {
 public:
  // `cpuset` is this node's share of the machine.
  UtilizationSampler(const Machine& machine, const Cpuset& cpuset,
                     const UtilizationRoots& roots = {});

  // Positions in Machine::cores of the cores with a PU in the cpuset, and in Machine::numa of their
  // domains; both ascending.
  const std::vector<int>& cores() const { return cores_; }
  const std::vector<int>& numa() const { return numa_; }

  UtilizationSample sample();

 private:
  struct CpuTimes {
    std::uint64_t busy = 0;
    std::uint64_t idle = 0;
    std::uint64_t stolen = 0;
  };

  bool read_cpu_times();
  CpuTimes spent(const std::vector<int>& pus) const;
  void sample_cores(UtilizationSample& sample);
  std::optional<MemoryUsage> sample_memory();
  std::optional<NetworkCounts> sample_network();
  std::optional<Pressure> sample_pressure(const SampledFile& file);

  std::vector<int> cores_;
  std::vector<int> numa_;
  std::vector<int> pus_;
  std::vector<std::vector<int>> pus_of_core_;
  std::vector<std::vector<int>> pus_of_numa_;

  SampledFile stat_;
  SampledFile memory_;
  SampledFile network_;
  SampledFile cpu_pressure_;
  SampledFile memory_pressure_;
  SampledFile io_pressure_;
  CgroupLimits cgroup_;
  std::vector<char> buffer_;

  // By PU number; nothing for a PU that /proc/stat left out.
  std::vector<std::optional<CpuTimes>> before_;
  std::vector<std::optional<CpuTimes>> now_;
};

}  // namespace weir
