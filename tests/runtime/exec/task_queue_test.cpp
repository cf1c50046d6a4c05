#include "runtime/exec/task_queue.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Id 0 came first, 1 is the shortest, 2 has the earliest deadline.
std::vector<std::uint64_t> order_of(QueueOrder order) {
  TaskQueue queue({.order = order});
  const Duration hints[] = {3ms, 1ms, 2ms};
  const Instant deadlines[] = {Instant(3s), Instant(2s), Instant(1s)};
  for (std::uint64_t id = 0; id < 3; ++id) {
    Task task;
    task.header.id = TaskId(id);
    task.header.cost_hint = hints[id];
    task.header.deadline = deadlines[id];
    queue.push(std::move(task), {});
  }
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_EQ(queue.size(ClassId(0)), 3U);
  std::vector<std::uint64_t> ids;
  QueuedTask queued;
  while (queue.pop(queued)) ids.push_back(queued.task.header.id.value());
  return ids;
}

TEST(TaskQueue, KeepsTheOrderItWasMadeFor) {
  using Ids = std::vector<std::uint64_t>;
  EXPECT_EQ(order_of(QueueOrder::kFifo), (Ids{0, 1, 2}));
  EXPECT_EQ(order_of(QueueOrder::kShortestFirst), (Ids{1, 2, 0}));
  EXPECT_EQ(order_of(QueueOrder::kEarliestDeadline), (Ids{2, 1, 0}));
}

TEST(TaskQueue, KeepsTheOrderOfEachClass) {
  QueueOptions options;
  options.class_orders[1] = QueueOrder::kShortestFirst;
  TaskQueue queue(options);
  // Of classes 0 and 1 in turn, ever shorter ones.
  for (std::uint64_t id = 0; id < 6; ++id) {
    Task task;
    task.header.id = TaskId(id);
    task.header.task_class = ClassId(static_cast<std::uint8_t>(id % 2));
    task.header.cost_hint = 10ms - id * 1ms;
    queue.push(std::move(task), {});
  }
  std::vector<std::uint64_t> ids;
  QueuedTask queued;
  while (queue.pop(queued)) ids.push_back(queued.task.header.id.value());
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{0, 5, 2, 3, 4, 1}));
}

TEST(TaskQueue, CallsATaskLateOnceItsExpectedEndIsBehindItsDeadline) {
  TaskHeader task;
  EXPECT_FALSE(is_late(task, Instant(1h), 1)) << "no deadline";
  task.deadline = Instant(10ms);
  EXPECT_FALSE(is_late(task, Instant(10ms), 1));
  EXPECT_TRUE(is_late(task, Instant(10ms + 1ns), 1));
  task.cost_hint = 4ms;
  EXPECT_FALSE(is_late(task, Instant(6ms), 1));
  EXPECT_TRUE(is_late(task, Instant(7ms), 1));
  EXPECT_FALSE(is_late(task, Instant(7ms), 2)) << "2 ms at this speed";
}

}  // namespace
}  // namespace weir
