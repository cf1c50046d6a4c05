#include "runtime/policy/tabular_q_learning_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

// The rank chosen when the policy has placed, and got back after `response_of(rank)`, `count`
// tasks.
template <typename ResponseOf>
RankId choice_after(TabularQLearningPolicy& policy, const ClusterInput& cluster, int count,
                    ClassId task_class, ResponseOf response_of) {
  TaskView task;
  task.task_class = task_class;
  for (int i = 0; i < count; ++i) {
    const RankId rank = policy.place(task, cluster.view());
    const Duration response = response_of(rank.value());
    policy.on_completion(TaskId(), rank, task_class, response, response);
  }
  return policy.place(task, cluster.view());
}

TEST(TabularQLearningPolicy, LearnsWhichNodeAnswersSoonestForAClass) {
  TabularQLearningPolicy policy({.epsilon = .2}, Random(4));
  const ClusterInput cluster = equal_nodes(3);
  const auto in_ms = [](int ms) { return std::chrono::milliseconds(ms); };
  choice_after(policy, cluster, 500, ClassId(0), [&](int rank) { return in_ms(30 - 10 * rank); });
  choice_after(policy, cluster, 500, ClassId(1), [&](int rank) { return in_ms(10 + 10 * rank); });
  int last_for_first_class = 0;
  int first_for_second_class = 0;
  for (int i = 0; i < 100; ++i) {
    last_for_first_class += policy.place(task_of_class(0), cluster.view()) == RankId(2) ? 1 : 0;
    first_for_second_class += policy.place(task_of_class(1), cluster.view()) == RankId(0) ? 1 : 0;
  }
  EXPECT_GT(last_for_first_class, 70);
  EXPECT_GT(first_for_second_class, 70);
}

TEST(TabularQLearningPolicy, KeepsLevelsOfLoadApart) {
  TabularQLearningPolicy policy({.epsilon = 0}, Random(4));
  const auto with_tasks_at_second = [](std::uint32_t tasks) {
    ClusterInput cluster = equal_nodes(2, 10);
    cluster.nodes[1].running = tasks;
    return cluster;
  };
  const auto learn = [&](int node, std::uint32_t tasks_at_second, int response_ms) {
    ClusterInput cluster = with_tasks_at_second(tasks_at_second);
    cluster.nodes[static_cast<std::size_t>(1 - node)].cores = 0;
    choice_after(policy, cluster, 1, ClassId(0),
                 [&](int) { return std::chrono::milliseconds(response_ms); });
  };
  learn(0, 0, 200);
  learn(1, 0, 100);
  learn(1, 20, 400);
  EXPECT_EQ(policy.place({}, with_tasks_at_second(0).view()), RankId(1));
  EXPECT_EQ(policy.place({}, with_tasks_at_second(20).view()), RankId(0));
}

TEST(TabularQLearningPolicy, FillsUntriedNodesEvenlyBeforeAnythingIsKnown) {
  TabularQLearningPolicy policy({.epsilon = 0}, Random(4));
  ClusterInput cluster = equal_nodes(2);
  cluster.dispatcher_count = 2;
  for (int i = 0; i < 4; ++i) {
    const RankId rank = policy.place({}, cluster.view());
    ++cluster.nodes[static_cast<std::size_t>(rank.value())].running;
  }
  EXPECT_EQ(cluster.nodes[0].running, 2U);
}

TEST(TabularQLearningPolicy, IgnoresTasksItDidNotPlace) {
  TabularQLearningPolicy policy({.epsilon = 0}, Random(4));
  policy.on_completion(TaskId(), RankId(7), ClassId(0), Duration(1), Duration(1));
  EXPECT_EQ(policy.place({}, equal_nodes(2).view()), RankId(0));
}

}  // namespace
}  // namespace weir
