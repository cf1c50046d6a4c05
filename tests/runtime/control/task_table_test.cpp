#include "runtime/control/task_table.hpp"

#include <gtest/gtest.h>

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

TEST(TaskTableDeathTest, RefusesASecondTaskOfTheSameId) {
  TaskTable table;
  table.add(task_with_id(1));
  EXPECT_DEATH(table.add(task_with_id(1)), "task 1 was submitted twice");
}

}  // namespace
}  // namespace weir
