#include "tools/result/run_result.hpp"

#include <algorithm>

namespace weir {

std::uint64_t RunResult::submitted() const {
  std::uint64_t sum = 0;
  for (const RankResult& rank : ranks) sum += rank.counts.submitted;
  return sum + (earlier ? earlier->tasks : 0);
}

std::optional<LearningCounts> RunResult::learning() const {
  std::optional<LearningCounts> sum;
  for (const RankResult& rank : ranks) {
    if (!rank.online) continue;
    if (!sum) sum.emplace();
    *sum += rank.online->counts;
  }
  return sum;
}

const ClusterLearning* RunResult::most_learned() const {
  const ClusterLearning* most = nullptr;
  for (const RankResult& rank : ranks) {
    if (!rank.online) continue;
    if (most == nullptr || rank.online->counts.tasks > most->counts.tasks) most = &*rank.online;
  }
  return most;
}

double RunResult::elapsed_s() const { return to_seconds(tally.last_completion()); }

double RunResult::throughput_per_s() const {
  const std::uint64_t done = tally.done() - (earlier ? earlier->done : 0);
  return elapsed_s() > 0 ? static_cast<double>(done) / elapsed_s() : 0;
}

double RunResult::utilization() const {
  double busy_s = 0;
  double capacity_s = 0;
  for (const RankResult& rank : ranks) {
    busy_s += rank.busy_s;
    capacity_s += rank.worker_count * elapsed_s();
  }
  return capacity_s > 0 ? std::min(1.0, busy_s / capacity_s) : 0;
}

double RunResult::efficiency() const { return throughput_per_s() / bounds->capacity_per_s; }

}  // namespace weir
