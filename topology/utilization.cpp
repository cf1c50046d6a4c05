#include "topology/utilization.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace weir {
namespace {

std::uint64_t grown(std::uint64_t before, std::uint64_t now) {
  return now - std::min(before, now);  // Some kernels let idle time run back a little.
}

bool is_virtual(std::string_view interface) {
  for (const std::string_view prefix :
       {"veth", "docker", "br", "virbr", "bond", "team", "tun", "tap", "dummy", "ifb", "cni",
        "flannel", "cali", "vlan", "macvlan", "vxlan", "wg"}) {
    if (interface.starts_with(prefix)) return true;
  }
  return interface.find('.') != std::string_view::npos;  // A VLAN on top of a card.
}

struct InterfaceCounts {
  std::string_view name;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
};

// A line of /proc/net/dev: "name: 8 numbers received, 8 numbers sent", bytes first.
std::optional<InterfaceCounts> read_interface(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view head = line.substr(0, colon);
  InterfaceCounts counts{.name = take_word(head)};
  line.remove_prefix(colon + 1);
  const auto received = read_number(take_word(line));
  for (int skipped = 0; skipped < 7; ++skipped) take_word(line);
  const auto sent = read_number(take_word(line));
  if (!received || !sent) return std::nullopt;
  counts.received_bytes = *received;
  counts.sent_bytes = *sent;
  return counts;
}

}  // namespace

UtilizationSampler::UtilizationSampler(const Machine& machine, const Cpuset& cpuset,
                                       const UtilizationRoots& roots)
    : pus_(cpuset.indices()),
      stat_(roots.proc / "stat"),
      memory_(roots.proc / "meminfo"),
      network_(roots.proc / "net" / "dev"),
      cpu_pressure_(roots.proc / "pressure" / "cpu"),
      memory_pressure_(roots.proc / "pressure" / "memory"),
      io_pressure_(roots.proc / "pressure" / "io"),
      cgroup_(roots.proc, roots.cgroup) {
  for (int i = 0; i < static_cast<int>(machine.cores.size()); ++i) {
    const Cpuset mine = machine.cores[i].cpuset & cpuset;
    if (mine.empty()) continue;
    cores_.push_back(i);
    pus_of_core_.push_back(mine.indices());
  }
  for (int i = 0; i < static_cast<int>(machine.numa.size()); ++i) {
    if (!machine.numa[i].cpuset.intersects(cpuset)) continue;
    numa_.push_back(i);
    pus_of_numa_.push_back(machine.numa[i].cpuset.indices());
  }
}

UtilizationSample UtilizationSampler::sample() {
  UtilizationSample sample;
  sample_cores(sample);
  sample.memory = sample_memory();
  sample.network = sample_network();
  sample.cpu_pressure = sample_pressure(cpu_pressure_);
  sample.memory_pressure = sample_pressure(memory_pressure_);
  sample.io_pressure = sample_pressure(io_pressure_);
  sample.cgroup_cpu = cgroup_.cpu();
  return sample;
}

// Leaves in now_ what /proc/stat says of each PU. False when it says nothing.
bool UtilizationSampler::read_cpu_times() {
  std::swap(before_, now_);
  std::ranges::fill(now_, std::nullopt);
  auto text = stat_.read(buffer_);
  if (!text) return false;
  // The lines of the PUs come first: "cpuN user nice system idle iowait irq softirq steal ...".
  // Time of guests is part of user and nice.
  for (std::string_view line; take_line(*text, line) && line.starts_with("cpu");) {
    const auto pu = read_number(take_word(line).substr(3));
    if (!pu || *pu > static_cast<std::uint64_t>(Cpuset::kMaxIndex)) continue;  // The sum of all.
    std::uint64_t ticks[8] = {};
    for (std::uint64_t& tick : ticks) tick = read_number(take_word(line)).value_or(0);
    if (*pu >= now_.size()) now_.resize(*pu + 1);
    now_[*pu] = CpuTimes{.busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6],
                         .idle = ticks[3] + ticks[4],
                         .stolen = ticks[7]};
  }
  return true;
}

UtilizationSampler::CpuTimes UtilizationSampler::spent(const std::vector<int>& pus) const {
  CpuTimes sum;
  const auto known = static_cast<int>(std::min(before_.size(), now_.size()));
  for (const int pu : pus) {
    if (pu >= known || !before_[pu] || !now_[pu]) continue;
    sum.busy += grown(before_[pu]->busy, now_[pu]->busy);
    sum.idle += grown(before_[pu]->idle, now_[pu]->idle);
    sum.stolen += grown(before_[pu]->stolen, now_[pu]->stolen);
  }
  return sum;
}

void UtilizationSampler::sample_cores(UtilizationSample& sample) {
  sample.busy_per_core.resize(cores_.size());
  sample.busy_per_numa.resize(numa_.size());
  if (!read_cpu_times()) return;

  const auto share = [](std::uint64_t part, const CpuTimes& times) -> std::optional<double> {
    const std::uint64_t all = times.busy + times.idle + times.stolen;
    if (all == 0) return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(all);
  };
  const auto busy_share = [&](const std::vector<int>& pus) {
    const CpuTimes times = spent(pus);
    return share(times.busy, times);
  };
  std::ranges::transform(pus_of_core_, sample.busy_per_core.begin(), busy_share);
  std::ranges::transform(pus_of_numa_, sample.busy_per_numa.begin(), busy_share);
  const CpuTimes times = spent(pus_);
  sample.busy = share(times.busy, times);
  sample.stolen = share(times.stolen, times);
}

std::optional<MemoryUsage> UtilizationSampler::sample_memory() {
  constexpr std::uint64_t kKibibyte = 1024;
  const auto text = memory_.read(buffer_);
  if (!text) return std::nullopt;
  const auto total = number_of_key(*text, "MemTotal:");
  auto available = number_of_key(*text, "MemAvailable:");
  // Kernels before 3.14 leave the estimate to the reader.
  if (!available) {
    const auto free = number_of_key(*text, "MemFree:");
    if (free) available = *free + number_of_key(*text, "Cached:").value_or(0);
  }
  if (!total || !available) return std::nullopt;
  MemoryUsage usage{.total_bytes = *total * kKibibyte,
                    .available_bytes = std::min(*available, *total) * kKibibyte};
  const auto cgroup = cgroup_.memory();
  if (!cgroup) return usage;
  if (cgroup->limit_bytes < usage.total_bytes) {
    usage.total_bytes = cgroup->limit_bytes;
    usage.limited_by_cgroup = true;
    usage.available_bytes =
        std::min(usage.available_bytes, cgroup->limit_bytes - cgroup->used_bytes);
  }
  return usage;
}

std::optional<NetworkCounts> UtilizationSampler::sample_network() {
  auto text = network_.read(buffer_);
  if (!text) return std::nullopt;
  NetworkCounts cards;
  NetworkCounts virtual_only;
  bool any_card = false;
  for (std::string_view line; take_line(*text, line);) {
    const auto counts = read_interface(line);
    if (!counts) continue;  // One of the two heading lines.
    if (counts->name == "lo") {
      cards.loopback_bytes = virtual_only.loopback_bytes = counts->sent_bytes;
      continue;
    }
    const bool is_card = !is_virtual(counts->name);
    any_card |= is_card;
    NetworkCounts& sum = is_card ? cards : virtual_only;
    sum.received_bytes += counts->received_bytes;
    sum.sent_bytes += counts->sent_bytes;
  }
  return any_card ? cards : virtual_only;
}

// "some avg10=0.12 avg60=0.05 avg300=0.01 total=123456", percent and microseconds.
std::optional<Pressure> UtilizationSampler::sample_pressure(const SampledFile& file) {
  constexpr std::string_view kRecent = "avg10=";
  constexpr std::string_view kTotal = "total=";
  auto text = file.read(buffer_);
  std::string_view line;
  if (!text || !take_line(*text, line) || take_word(line) != "some") return std::nullopt;
  Pressure pressure;
  bool complete = false;
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
    if (word.starts_with(kRecent)) {
      word.remove_prefix(kRecent.size());
      double percent = 0;
      std::from_chars(word.data(), word.data() + word.size(), percent);
      pressure.some_share = percent / 100.0;
    } else if (word.starts_with(kTotal)) {
      word.remove_prefix(kTotal.size());
      const auto total_us = read_number(word);
      complete = total_us.has_value();
      pressure.some_total = std::chrono::microseconds(total_us.value_or(0));
    }
  }
  if (!complete) return std::nullopt;
  return pressure;
}

}  // namespace weir
