#include "runtime/policy/observed_policy.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Chooses the node it heard of last, and wants and does everything.
class LastHeardPolicy final : public Policy {
 public:
  RankId place(const TaskView&, const ClusterView&) override { return last_; }
  void on_report(const NodeView& node) override { last_ = node.rank; }
  void on_completion(TaskId, RankId node, ClassId, Duration, Duration) override { last_ = node; }
  void on_token(RankId node) override { last_ = node; }
  bool wants_tokens() const override { return true; }
  bool steals() const override { return true; }

 private:
  RankId last_{0};
};

struct Heard final : PlacementObserver {
  void on_placed(const TaskView& task, const ClusterView& cluster, RankId chosen) override {
    ids.push_back(task.id.value());
    nodes = cluster.nodes.size();
    last = chosen;
  }
  std::vector<std::uint64_t> ids;
  std::size_t nodes = 0;
  RankId last;
};

TEST(ObservedPolicy, ChoosesAndWishesAsTheOneObserved) {
  Heard heard;
  ObservedPolicy policy(std::make_unique<LastHeardPolicy>(), heard);
  const std::vector<NodeView> nodes(4);
  const ClusterView cluster{.nodes = nodes};
  EXPECT_TRUE(policy.wants_tokens());
  EXPECT_TRUE(policy.steals());
  policy.on_report({.rank = RankId(3)});
  EXPECT_EQ(policy.place({.id = TaskId(5)}, cluster), RankId(3));
  policy.on_completion(TaskId(), RankId(2), ClassId(0), 1ms, 1ms);
  EXPECT_EQ(policy.place({.id = TaskId(6)}, cluster), RankId(2));
  policy.on_token(RankId(1));
  EXPECT_EQ(policy.place({.id = TaskId(7)}, cluster), RankId(1));
  EXPECT_EQ(heard.ids, (std::vector<std::uint64_t>{5, 6, 7}));
  EXPECT_EQ(heard.nodes, 4u);
  EXPECT_EQ(heard.last, RankId(1));
}

}  // namespace
}  // namespace weir
