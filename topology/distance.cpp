#include "topology/distance.hpp"

#include <algorithm>

namespace weir {
namespace {

// What Linux assumes of another domain when the firmware gives no matrix.
constexpr int kUsualRemoteDistance = 20;

bool same(int a, int b) { return a >= 0 && a == b; }

int domain_distance(const Machine& machine, int a, int b) {
  if (a < 0 || b < 0) return kUsualRemoteDistance;
  const std::vector<int>& row = machine.numa[a].distances;
  return row.empty() ? kUsualRemoteDistance : row[b];
}

}  // namespace

int core_distance(const Machine& machine, int a, int b) {
  const Core& from = machine.cores[a];
  const Core& to = machine.cores[b];
  if (a == b || same(from.l2, to.l2)) return 0;
  if (same(from.cluster, to.cluster)) return 1;
  if (same(from.l3, to.l3)) return 2;
  const int other_package = from.package != to.package ? 1 : 0;
  if (from.numa == to.numa) return 3 + other_package;
  return 5 + 2 * domain_distance(machine, from.numa, to.numa) + other_package;
}

std::vector<std::vector<int>> steal_order(const Machine& machine, const NodeShare& share) {
  const int worker_count = static_cast<int>(share.workers.size());
  std::vector<std::vector<int>> order(worker_count);
  for (int thief = 0; thief < worker_count; ++thief) {
    for (int step = 1; step < worker_count; ++step) {
      order[thief].push_back((thief + step) % worker_count);
    }
    const int thief_core = share.workers[thief].core;
    std::ranges::stable_sort(order[thief], {}, [&](int victim) {
      return core_distance(machine, thief_core, share.workers[victim].core);
    });
  }
  return order;
}

std::vector<int> memory_domains(const Machine& machine, const NodeShare& share, int worker_count) {
  std::vector<int> known;  // positions in Machine::numa, or -1
  std::vector<int> domains;
  for (int worker = 0; worker < worker_count; ++worker) {
    const std::size_t place = static_cast<std::size_t>(worker) % share.workers.size();
    const int numa = machine.cores[share.workers[place].core].numa;
    const auto found = std::ranges::find(known, numa);
    domains.push_back(static_cast<int>(found - known.begin()));
    if (found == known.end()) known.push_back(numa);
  }
  return domains;
}

}  // namespace weir
