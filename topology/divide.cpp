// Cores stand in topological order, so a contiguous run of them is compact already. What is left to
// choose is which shares get the odd core. Every cut between two shares at the border of a package,
// NUMA domain, cluster or cache is a border that no share straddles; so the best choice is the one
// whose cuts fall on the most important borders, found by dynamic programming over (shares cut off,
// odd cores given away). Among equals, the cuts closest to even spacing win.

#include "topology/divide.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

std::vector<int> usable_cores(const Machine& machine) {
  std::vector<int> cores;
  for (int i = 0; i < static_cast<int>(machine.cores.size()); ++i) {
    if (machine.cores[i].cpuset.intersects(machine.allowed)) cores.push_back(i);
  }
  return cores;
}

// Each weight is more than all smaller borders of a machine together, up to 4095 of each.
std::int64_t border_weight(const Core& a, const Core& b) {
  std::int64_t weight = 0;
  if (a.package != b.package) weight += std::int64_t{1} << 48;
  if (a.numa != b.numa) weight += std::int64_t{1} << 36;
  if (a.l3 != b.l3) weight += std::int64_t{1} << 24;
  if (a.cluster != b.cluster) weight += std::int64_t{1} << 12;
  if (a.l2 != b.l2) weight += 1;
  return weight;
}

struct Score {
  std::int64_t borders = std::numeric_limits<std::int64_t>::min();
  std::int64_t unevenness = 0;  // In units of 1/parts core.

  bool better_than(const Score& other) const {
    return borders != other.borders ? borders > other.borders : unevenness < other.unevenness;
  }
};

// The sizes of `parts` runs that cover `cores`: base or base + 1 each.
std::vector<int> run_lengths(const Machine& machine, const std::vector<int>& cores, int parts) {
  const int core_count = static_cast<int>(cores.size());
  const int base = core_count / parts;
  const int odd = core_count % parts;
  std::vector<int> lengths(parts, base);
  if (odd == 0 || base == 0) {
    std::fill_n(lengths.begin(), odd, base + 1);
    return lengths;
  }

  const int width = odd + 1;
  std::vector<Score> best(static_cast<std::size_t>(parts + 1) * width);
  std::vector<char> took_odd(best.size(), 0);
  best[0] = {0, 0};
  for (int part = 1; part <= parts; ++part) {
    for (int given = std::max(0, odd - (parts - part)); given <= std::min(part, odd); ++given) {
      const int cut = part * base + given;
      const bool at_end = part == parts;
      const std::int64_t weight =
          at_end ? 0 : border_weight(machine.cores[cores[cut - 1]], machine.cores[cores[cut]]);
      const std::int64_t off =
          std::abs(std::int64_t{cut} * parts - std::int64_t{part} * core_count);
      for (const int took : {0, 1}) {
        if (took > given) continue;
        const Score& before = best[static_cast<std::size_t>(part - 1) * width + given - took];
        if (before.borders < 0) continue;  // Not reachable.
        const Score score{before.borders + weight, before.unevenness + off};
        const std::size_t here = static_cast<std::size_t>(part) * width + given;
        if (!score.better_than(best[here])) continue;
        best[here] = score;
        took_odd[here] = static_cast<char>(took);
      }
    }
  }
  for (int part = parts, given = odd; part > 0; --part) {
    const char took = took_odd[static_cast<std::size_t>(part) * width + given];
    lengths[part - 1] = base + took;
    given -= took;
  }
  return lengths;
}

// A machine of one kind: one run per part.
std::vector<std::vector<int>> divide_uniform(const Machine& machine, const std::vector<int>& cores,
                                             int parts) {
  std::vector<std::vector<int>> shares;
  auto from = cores.begin();
  for (const int length : run_lengths(machine, cores, parts)) {
    shares.emplace_back(from, from + length);
    from += length;
  }
  return shares;
}

// Each kind is dealt evenly; its odd cores go to the parts after those that got the odd cores of
// the kind before, so the totals differ by at most one as well.
std::vector<std::vector<int>> divide_hybrid(const Machine& machine, const std::vector<int>& cores,
                                            int parts) {
  std::vector<std::vector<int>> shares(parts);
  int next_odd = 0;
  for (int kind = 0; kind < static_cast<int>(machine.core_kinds.size()); ++kind) {
    std::vector<int> of_kind;
    std::ranges::copy_if(cores, std::back_inserter(of_kind),
                         [&](int core) { return machine.cores[core].kind == kind; });
    const int base = static_cast<int>(of_kind.size()) / parts;
    const int odd = static_cast<int>(of_kind.size()) % parts;
    auto from = of_kind.begin();
    for (int part = 0; part < parts; ++part) {
      const bool gets_odd = (part - next_odd + parts) % parts < odd;
      const auto to = from + base + (gets_odd ? 1 : 0);
      shares[part].insert(shares[part].end(), from, to);
      from = to;
    }
    next_odd = (next_odd + odd) % parts;
  }
  for (std::vector<int>& share : shares) std::ranges::sort(share);
  return shares;
}

std::vector<std::vector<int>> divide_cores(const Machine& machine, int parts) {
  const std::vector<int> cores = usable_cores(machine);
  const auto core_count = static_cast<std::int64_t>(cores.size());
  if (parts > core_count) {
    std::vector<std::vector<int>> shares;
    for (std::int64_t part = 0; part < parts; ++part) {
      shares.push_back({cores[static_cast<std::size_t>(part * core_count / parts)]});
    }
    return shares;
  }
  std::vector<char> kind_used(machine.core_kinds.size(), 0);
  for (const int core : cores) kind_used[machine.cores[core].kind] = 1;
  const bool hybrid = std::accumulate(kind_used.begin(), kind_used.end(), 0) > 1;
  return hybrid ? divide_hybrid(machine, cores, parts) : divide_uniform(machine, cores, parts);
}

std::optional<std::uint64_t> memory_of(const Machine& machine, const NodeShare& share,
                                       const std::vector<int>& shares_of_core) {
  double bytes = 0;
  bool known = false;
  for (const NumaDomain& domain : machine.numa) {
    if (!domain.memory_bytes) continue;
    // Also counts memory that is nobody's own domain: fast or far memory beside the usual one.
    int cores_around = 0;
    double cores_owned = 0;
    for (std::size_t i = 0; i < machine.cores.size(); ++i) {
      cores_around += shares_of_core[i] > 0 && domain.cpuset.intersects(machine.cores[i].cpuset);
    }
    for (const WorkerPlace& worker : share.workers) {
      if (!domain.cpuset.intersects(worker.cpuset)) continue;
      cores_owned += 1.0 / shares_of_core[worker.core];
    }
    if (cores_owned == 0) continue;
    known = true;
    bytes += static_cast<double>(*domain.memory_bytes) * cores_owned / cores_around;
  }
  if (!known) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace

std::vector<NodeShare> divide(const Machine& machine, int parts) {
  WEIR_CHECK(parts >= 1, "a host has at least one rank");
  WEIR_CHECK(!machine.allowed.empty(), "a machine without usable processing units");

  const auto cores_of = divide_cores(machine, parts);
  std::vector<int> shares_of_core(machine.cores.size(), 0);
  for (const auto& cores : cores_of) {
    for (const int core : cores) ++shares_of_core[core];
  }
  std::vector<NodeShare> shares;
  for (const auto& cores : cores_of) {
    NodeShare share;
    for (const int position : cores) {
      const Core& core = machine.cores[position];
      share.workers.push_back(
          {.core = position, .kind = core.kind, .cpuset = core.cpuset & machine.allowed});
      share.cpuset = share.cpuset | share.workers.back().cpuset;
      share.oversubscribed |= shares_of_core[position] > 1;
      if (core.numa >= 0) share.numa.push_back(core.numa);
    }
    std::ranges::sort(share.numa);
    share.numa.erase(std::unique(share.numa.begin(), share.numa.end()), share.numa.end());
    share.memory_bytes = memory_of(machine, share, shares_of_core);
    shares.push_back(std::move(share));
  }
  return shares;
}

}  // namespace weir
