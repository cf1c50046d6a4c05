#include "runtime/control/task_table.hpp"

#include <gtest/gtest.h>

#include <map>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

Task task_with_id(std::uint64_t id) {
  Task task;
  task.header.id = TaskId(id);
  return task;
}

TEST(TaskTable, FindsOnlyTheCurrentAttempt) {
  TaskTable table;
  table.add(task_with_id(1)).header.attempt = 2;
  EXPECT_EQ(table.find_attempt(TaskId(1), 1), nullptr);
  EXPECT_NE(table.find_attempt(TaskId(1), 2), nullptr);
}

TEST(TaskTable, ForgetsWhatIsRemoved) {
  TaskTable table;
  table.add(task_with_id(1));
  table.remove(TaskId(1));
  EXPECT_EQ(table.find(TaskId(1)), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

TEST(TaskTable, HoldsWhatAMapHoldsThroughAddsAndRemovals) {
  Random random(1);
  TaskTable table;
  std::map<std::uint64_t, std::uint64_t> expected;  // id to key
  for (int i = 0; i < 50'000; ++i) {
    // Streams count up; few ids in turn make long searches likely.
    const std::uint64_t id = random.below(3) << kTaskIndexBits | random.below(400);
    if (expected.erase(id) > 0) {
      table.remove(TaskId(id));
    } else {
      Task task = task_with_id(id);
      task.header.key = expected[id] = random.next();
      TaskEntry& entry = table.add(std::move(task));
      EXPECT_EQ(entry.target, kNoRank);
      EXPECT_FALSE(entry.moved);
      entry.moved = true;  // A later entry in its place must not see this.
    }
    ASSERT_EQ(table.size(), expected.size());
    const std::uint64_t other = random.below(3) << kTaskIndexBits | random.below(400);
    const auto known = expected.find(other);
    const TaskEntry* found = table.find(TaskId(other));
    ASSERT_EQ(found != nullptr, known != expected.end());
    if (found != nullptr) {
      ASSERT_EQ(found->header.key, known->second);
    }
  }
  EXPECT_GT(expected.size(), 300u);
}

TEST(TaskTableDeathTest, RefusesASecondTaskOfTheSameId) {
  TaskTable table;
  table.add(task_with_id(1));
  EXPECT_DEATH(table.add(task_with_id(1)), "task 1 was submitted twice");
}

}  // namespace
}  // namespace weir
