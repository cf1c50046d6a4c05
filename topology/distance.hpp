// Which workers are near each other, for stealing.

#pragma once

#include <vector>

#include "topology/divide.hpp"
#include "topology/machine.hpp"

namespace weir {

// How far apart two cores (positions in Machine::cores) are: 0 the same core or one L2 cache, then
// one cluster, one L3 cache, one NUMA domain, one package of the same domain, and beyond that by
// the distance of the NUMA domains, cores of one package first among equals. Only comparable on one
// machine.
int core_distance(const Machine& machine, int a, int b);

// For each worker of the share (by position) the positions of all others, nearest first. Equally
// near ones are ordered upwards from the thief's own position and around, so that thieves do not
// all turn to the same victim.
std::vector<std::vector<int>> steal_order(const Machine& machine, const NodeShare& share);

// The memory (NUMA) domain of each of `worker_count` workers, of which worker i is at place i of
// the share, modulo the number of its places: numbered from 0 without gaps, in the order of the
// workers.
std::vector<int> memory_domains(const Machine& machine, const NodeShare& share, int worker_count);

}  // namespace weir
