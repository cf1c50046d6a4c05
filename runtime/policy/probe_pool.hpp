// The answers to probes that a home holds, and which node they speak for. B. Wydrowski, R.
// Kleinberg, S. M. Rumble and A. Archer, "Load is not what you should balance: introducing
// Prequal", NSDI 2024.
//
// The hot-cold lexicographic rule: a node with more in flight than the given quantile of the pool
// is hot. The cold one of least latency is chosen; where all are hot, the one with least in flight.
// An answer may be used a few times, each time as if the task sent were already there. It is
// dropped when its uses are spent, when it is too old, when a newer one of its node comes, when the
// pool is full and it is the oldest, and, one per placement, as the worst or the oldest in turn:
// the worst is the hot one with most in flight, or the cold one of most latency where none is hot.

#pragma once

#include <cstddef>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct ProbePoolOptions {
  std::size_t size = 16;  // answers held at most, at least 1
  // Hot is above this quantile of what is in flight: 2^(-1/4) in the paper. 0: least in flight
  // alone decides, 1: latency alone.
  double quantile = 0.84;
  Duration max_age = std::chrono::seconds(1);
  // Compare what is in flight per core. The paper's servers are alike in size and are compared by
  // number; where nodes differ, the number would call the large ones hot whatever they do.
  bool per_core = true;
};

// Linear in its size, which is small.
class ProbePool {
 public:
  // `options.size` is at least 1.
  explicit ProbePool(const ProbePoolOptions& options);

  // `uses`: how many tasks may be placed by it, at least 1.
  void add(const ProbeReading& reading, Instant now, int uses);
  void drop_older_than_max_age(Instant now);
  // The node to place a task on, which is counted there; only where the pool is not empty. Ties go
  // to the lowest rank.
  RankId take();
  // Drops the oldest or the worst answer, in turn.
  void remove_one();

  std::size_t size() const { return probes_.size(); }

 private:
  struct Probe {
    RankId node;
    double load = 0;            // in flight, per core if so wanted
    double load_of_a_task = 1;  // what one more task adds to it
    Duration latency{0};
    Instant heard{};
    int uses_left = 1;
  };

  double hot_above() const;

  ProbePoolOptions options_;
  std::vector<Probe> probes_;  // the oldest first
  bool worst_is_next_ = false;
};

}  // namespace weir
