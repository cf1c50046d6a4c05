#include "runtime/exec/worker_deque.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "runtime/exec/task_context.hpp"

namespace weir {
namespace {

class NoContext final : public TaskContext {
 public:
  WorkerId worker() const override { return kNoWorker; }
  void spawn(KindId, Payload, ClassId) override {}

 protected:
  void push(SpawnedTask) override {}
};

class WorkerDequeTest : public testing::Test {
 protected:
  bool push(int number) {
    SpawnedTask task{SpawnBody([this, number](TaskContext&) { run_.push_back(number); }), {}};
    return deque_.push(task);
  }
  void run(SpawnedTask& task) { task.body(context_); }

  NoContext context_;
  WorkerDeque deque_;
  std::vector<int> run_;
};

TEST_F(WorkerDequeTest, GivesItsOwnerTheNewestAndThievesTheOldest) {
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(push(i));
  SpawnedTask task;
  ASSERT_TRUE(deque_.pop_newest(task));
  run(task);
  ASSERT_TRUE(deque_.pop_oldest(task));
  run(task);
  ASSERT_TRUE(deque_.pop_newest(task));
  run(task);
  ASSERT_TRUE(deque_.pop_oldest(task));
  run(task);
  EXPECT_EQ(run_, (std::vector<int>{3, 0, 2, 1}));
  EXPECT_TRUE(deque_.looks_empty());
  EXPECT_FALSE(deque_.pop_newest(task));
  EXPECT_FALSE(deque_.pop_oldest(task));
}

TEST_F(WorkerDequeTest, RefusesMoreThanItsLimitAndLeavesTheTaskAlone) {
  for (std::size_t i = 0; i < WorkerDeque::kMostTasks; ++i) ASSERT_TRUE(push(0));
  SpawnedTask task{SpawnBody([](TaskContext&) {}), {}};
  EXPECT_FALSE(deque_.push(task));
  EXPECT_TRUE(task.body);
}

}  // namespace
}  // namespace weir
