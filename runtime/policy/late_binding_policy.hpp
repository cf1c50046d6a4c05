// `late_binding`: a task waits at its home, with reservations at d nodes, and goes to the node
// where a core frees first. K. Ousterhout, P. Wendell, M. Zaharia and I. Stoica, "Sparrow:
// distributed, low latency scheduling", SOSP 2013.
//
// No estimate of a node's load is needed, because its queue decides. The d nodes are different, and
// drawn with P ~ c s, so that every node is offered its share; for the equal nodes of the paper
// that is its uniform draw. `late_binding_class_aware` draws with P ~ c / E[S] of the task's class,
// by measured rates, so that a class is offered to the nodes that suit it.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/policy/alias_table.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

enum class ReservationDraw { kUniform, kCapacity, kClassRate };

struct LateBindingOptions {
  int nodes_per_task = 2;  // d, from 1 to kMostNodes; fewer where fewer have capacity
  ReservationDraw draw = ReservationDraw::kCapacity;
};

// Keeps one table of weights per class, or one for all. A table is made anew, linear in the nodes,
// when as many reports have come as an eighth of the nodes, and when a node it drew has no capacity
// any more.
class LateBindingPolicy final : public Policy {
 public:
  static constexpr int kMostNodes = 64;

  LateBindingPolicy(const LateBindingOptions& options, Random random);

  void reserve(const TaskView& task, const ClusterView& cluster,
               std::vector<RankId>& nodes) override;
  // A node drawn alike, for a task that must be placed at once.
  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_report(const NodeView& node) override;
  bool binds_late() const override { return true; }

 private:
  struct Table {
    std::optional<AliasTable> nodes;
    std::size_t node_count = 0;
    std::size_t drawable = 0;
    std::uint64_t reports = 0;  // heard when it was made
  };

  std::size_t draw(Table& table, const TaskView& task, const ClusterView& cluster);
  void rebuild(Table& table, const TaskView& task, const ClusterView& cluster) const;
  bool is_old(const Table& table, const ClusterView& cluster) const;
  Table& table_of(ClassId task_class);

  LateBindingOptions options_;
  Random random_;
  std::array<Table, kMaxClasses> tables_;
  std::uint64_t reports_ = 0;
};

}  // namespace weir
