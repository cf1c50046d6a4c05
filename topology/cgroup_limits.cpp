#include "topology/cgroup_limits.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace weir {
namespace {

namespace fs = std::filesystem;

// Version 1 writes "no limit" as the largest multiple of a page.
constexpr std::uint64_t kNoMemoryLimit = std::uint64_t{1} << 60;

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// From the group itself up to the root of the mount, innermost first; only what exists.
std::vector<fs::path> levels_of(const fs::path& root, const std::string& group) {
  std::vector<fs::path> levels;
  // "/../.." means a group outside of what this process may see.
  if (group.find("..") == std::string::npos) {
    for (fs::path part = fs::path(group).relative_path(); !part.empty();
         part = part.parent_path()) {
      if (is_folder(root / part)) levels.push_back(root / part);
    }
  }
  levels.push_back(root);
  return levels;
}

// The mount of a version 1 controller: "cpu,cpuacct", "cpu" or, through a link, either.
fs::path mount_of(const fs::path& cgroup, const std::string& controllers,
                  const std::string& controller) {
  return is_folder(cgroup / controllers) ? cgroup / controllers : cgroup / controller;
}

bool names(std::string_view controllers, std::string_view wanted) {
  while (true) {
    const auto comma = controllers.find(',');
    if (controllers.substr(0, comma) == wanted) return true;
    if (comma == std::string_view::npos) return false;
    controllers.remove_prefix(comma + 1);
  }
}

}  // namespace

CgroupLimits::CgroupLimits(const fs::path& proc, const fs::path& cgroup) {
  std::ifstream membership(proc / "self" / "cgroup");
  // Lines of "number:controllers:path"; version 2 has the number 0 and no controllers.
  for (std::string line; std::getline(membership, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) {
      const bool beside_version_1 = is_folder(cgroup / "unified");
      for (const fs::path& level :
           levels_of(beside_version_1 ? cgroup / "unified" : cgroup, group)) {
        add_memory_level(level, true);
        add_cpu_level(level, true);
      }
      continue;
    }
    if (names(controllers, "memory")) {
      for (const fs::path& level : levels_of(mount_of(cgroup, controllers, "memory"), group)) {
        add_memory_level(level, false);
      }
    }
    if (names(controllers, "cpu")) {
      for (const fs::path& level : levels_of(mount_of(cgroup, controllers, "cpu"), group)) {
        add_cpu_level(level, false);
      }
    }
  }
}

void CgroupLimits::add_memory_level(const fs::path& folder, bool version_2) {
  MemoryLevel level{
      .limit = SampledFile(folder / (version_2 ? "memory.max" : "memory.limit_in_bytes")),
      .usage = SampledFile(folder / (version_2 ? "memory.current" : "memory.usage_in_bytes")),
      .statistics = SampledFile(folder / "memory.stat"),
      .version_2 = version_2};
  if (level.limit.present() && level.usage.present()) memory_levels_.push_back(std::move(level));
}

void CgroupLimits::add_cpu_level(const fs::path& folder, bool version_2) {
  CpuLevel level{.quota = SampledFile(folder / (version_2 ? "cpu.max" : "cpu.cfs_quota_us")),
                 .period = SampledFile(folder / (version_2 ? "cpu.max" : "cpu.cfs_period_us")),
                 .statistics = SampledFile(folder / "cpu.stat"),
                 .version_2 = version_2};
  if (level.quota.present()) cpu_levels_.push_back(std::move(level));
}

std::optional<CgroupMemory> CgroupLimits::memory() {
  std::optional<CgroupMemory> tightest;
  for (const MemoryLevel& level : memory_levels_) {
    auto text = level.limit.read(buffer_);
    // "max" is not a number.
    const auto limit = text ? read_number(take_word(*text)) : std::nullopt;
    if (!limit || *limit >= kNoMemoryLimit) continue;
    text = level.usage.read(buffer_);
    const auto charged = text ? read_number(take_word(*text)) : std::nullopt;
    if (!charged) continue;
    text = level.statistics.read(buffer_);
    const char* key = level.version_2 ? "inactive_file" : "total_inactive_file";
    const std::uint64_t droppable = text ? number_of_key(*text, key).value_or(0) : 0;

    CgroupMemory here{.limit_bytes = *limit,
                      .used_bytes = *charged - std::min(*charged, droppable)};
    here.used_bytes = std::min(here.used_bytes, here.limit_bytes);
    const bool tighter = !tightest || here.limit_bytes - here.used_bytes <
                                          tightest->limit_bytes - tightest->used_bytes;
    if (tighter) tightest = here;
  }
  return tightest;
}

std::optional<double> CgroupLimits::quota_of(const CpuLevel& level) {
  auto text = level.quota.read(buffer_);
  if (!text) return std::nullopt;
  // "max" and "-1" are no numbers: no limit.
  const auto quota_us = read_number(take_word(*text));
  if (!quota_us) return std::nullopt;
  if (!level.version_2) text = level.period.read(buffer_);
  const auto period_us = text ? read_number(take_word(*text)) : std::nullopt;
  if (!period_us || *period_us == 0) return std::nullopt;
  return static_cast<double>(*quota_us) / static_cast<double>(*period_us);
}

std::optional<CgroupCpu> CgroupLimits::cpu() {
  const CpuLevel* tightest = nullptr;
  CgroupCpu result;
  for (const CpuLevel& level : cpu_levels_) {
    const auto quota = quota_of(level);
    const bool tighter = quota && (!result.quota_cores || *quota < *result.quota_cores);
    if (tightest != nullptr && !tighter) continue;
    tightest = &level;
    result.quota_cores = quota;
  }
  if (tightest == nullptr) return std::nullopt;
  const auto text = tightest->statistics.read(buffer_);
  if (!text) return result;
  result.throttled_periods = number_of_key(*text, "nr_throttled").value_or(0);
  result.throttled =
      tightest->version_2
          ? Duration(std::chrono::microseconds(number_of_key(*text, "throttled_usec").value_or(0)))
          : Duration(number_of_key(*text, "throttled_time").value_or(0));
  return result;
}

}  // namespace weir
