// Small worlds of node agents: policies, sources, and what became of their tasks.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <set>

#include "runtime/base/random.hpp"
#include "tests/support/control_fakes.hpp"
#include "tests/support/finished_tasks.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {

// Spreads tasks over the nodes; the seed decides how.
class SpreadPolicy final : public Policy {
 public:
  explicit SpreadPolicy(std::uint64_t seed) : random_(seed) {}
  RankId place(const TaskView&, const ClusterView& cluster) override {
    return cluster.nodes[random_.below(cluster.nodes.size())].rank;
  }

 private:
  Random random_;
};

// Keeps everything at home; idle nodes steal.
class HomePolicy final : public Policy {
 public:
  explicit HomePolicy(bool steals) : steals_(steals) {}
  RankId place(const TaskView&, const ClusterView& cluster) override { return cluster.self; }
  bool steals() const override { return steals_; }

 private:
  bool steals_;
};

inline VirtualCluster::PolicyMaker spread(std::uint64_t seed) {
  return [seed](RankId rank) { return std::make_unique<SpreadPolicy>(seed + rank.value()); };
}
inline VirtualCluster::PolicyMaker at_home(bool steals) {
  return [steals](RankId) { return std::make_unique<HomePolicy>(steals); };
}
// Each rank submits `count` tasks, one each `gap`.
inline VirtualCluster::SourceMaker each_submits(std::uint64_t count, Duration gap) {
  return [=](RankId rank, Instant start) {
    return std::make_unique<EvenSource>(start, 1 + rank.value() * 1'000'000ull, count, gap);
  };
}
inline VirtualCluster::SourceMaker first_submits(std::uint64_t count, Duration gap) {
  return [=](RankId rank, Instant start) {
    return std::make_unique<EvenSource>(start, 1, rank == RankId(0) ? count : 0, gap);
  };
}

inline VirtualCluster::PolicyMaker always(int node) {
  return [node](RankId) { return std::make_unique<FixedPolicy>(node); };
}

// How many have completed, each once, on all ranks.
inline std::size_t completed_once(const VirtualCluster& cluster, int rank_count) {
  std::set<std::uint64_t> ids;
  std::size_t total = 0;
  for (int i = 0; i < rank_count; ++i) {
    for (const CompletedTask& task : cluster.sink(i).completed) {
      ids.insert(task.header.id.value());
      ++total;
    }
  }
  EXPECT_EQ(ids.size(), total) << "a task completed twice";
  return total;
}

}  // namespace weir
