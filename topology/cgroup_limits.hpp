// What the control groups around this process leave it of memory and processor time.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "runtime/base/time.hpp"
#include "topology/sampled_file.hpp"

namespace weir {

struct CgroupMemory {
  std::uint64_t limit_bytes = 0;
  // Charged to the group, less file pages that the kernel drops first when memory runs short.
  std::uint64_t used_bytes = 0;
};

struct CgroupCpu {
  std::optional<double> quota_cores;  // Nothing: no limit.
  // Since the group was made, at the level of the quota.
  std::uint64_t throttled_periods = 0;
  Duration throttled{};
};

// Understands version 1, version 2 and both beside each other. A limit holds for all groups below
// it, so every level from the process's own group up to the root of the mount counts. Where the
// process's path is not visible (a container that mounts only its own part), the root stands for
// it. Which groups there are is found once, what they say is read anew each time. Not for
// concurrent use.
class CgroupLimits {
 public:
  CgroupLimits(const std::filesystem::path& proc, const std::filesystem::path& cgroup);

  // The level with the least memory left; nothing when no level has a limit.
  std::optional<CgroupMemory> memory();
  // The level with the smallest quota; nothing when no group accounts for processor time.
  std::optional<CgroupCpu> cpu();

 private:
  struct MemoryLevel {
    SampledFile limit;
    SampledFile usage;
    SampledFile statistics;
    bool version_2 = true;
  };
  struct CpuLevel {
    SampledFile quota;
    SampledFile period;  // Version 1 only.
    SampledFile statistics;
    bool version_2 = true;
  };

  void add_memory_level(const std::filesystem::path& folder, bool version_2);
  void add_cpu_level(const std::filesystem::path& folder, bool version_2);
  std::optional<double> quota_of(const CpuLevel& level);

  std::vector<MemoryLevel> memory_levels_;
  std::vector<CpuLevel> cpu_levels_;
  std::vector<char> buffer_;
};

}  // namespace weir
