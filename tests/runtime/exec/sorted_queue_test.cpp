#include "runtime/exec/sorted_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

Task task(std::uint64_t id, Duration cost_hint, Instant deadline = kNever, int task_class = 0) {
  Task made;
  made.header.id = TaskId(id);
  made.header.cost_hint = cost_hint;
  made.header.deadline = deadline;
  made.header.task_class = ClassId(static_cast<std::uint8_t>(task_class));
  return made;
}

using Ids = std::vector<std::uint64_t>;

Ids pop_all(SortedQueue& queue) {
  Ids ids;
  QueuedTask queued;
  while (queue.pop(queued)) ids.push_back(queued.task.header.id.value());
  return ids;
}

Ids ids_of(const std::vector<Task>& tasks) {
  Ids ids;
  for (const Task& one : tasks) ids.push_back(one.header.id.value());
  return ids;
}

TEST(SortedQueue, RunsTheShortestFirstAndEqualOnesInTheOrderTheyCame) {
  SortedQueue queue(SortKey::kCostHint);
  for (const auto& [id, hint] : {std::pair(0, 5ms), {1, 2ms}, {2, 9ms}, {3, 2ms}}) {
    queue.push(task(static_cast<std::uint64_t>(id), hint), {});
  }
  EXPECT_EQ(queue.size(), 4U);
  EXPECT_EQ(pop_all(queue), (Ids{1, 3, 0, 2}));
  EXPECT_EQ(queue.size(ClassId(0)), 0U);
}

TEST(SortedQueue, RunsTheEarliestDeadlineFirstAndTasksWithoutOneLast) {
  SortedQueue queue(SortKey::kDeadline);
  queue.push(task(0, 1ms), {});
  queue.push(task(1, 9ms, Instant(30ms)), {});
  queue.push(task(2, 9ms, Instant(20ms)), {});
  queue.push(task(3, 9ms, Instant(-20ms)), {});
  EXPECT_EQ(pop_all(queue), (Ids{3, 2, 1, 0}));
}

TEST(SortedQueue, PutsPriorityAboveItsKey) {
  SortedQueue queue(SortKey::kCostHint);
  Task important = task(0, 1s);
  important.header.priority = 7;
  queue.push(task(1, 1ms), {});
  queue.push(important, {});
  EXPECT_EQ(pop_all(queue), (Ids{0, 1}));
}

TEST(SortedQueue, TakesAnUnknownCostForTheMeanOfItsClass) {
  SortedQueue queue(SortKey::kCostHint);
  queue.push(task(0, 4ms), {});
  queue.push(task(1, 8ms), {});
  queue.push(task(2, 0ms), {});  // 6 ms
  queue.push(task(3, 0ms, kNever, 1), {});
  queue.push(task(4, 7ms), {});
  queue.push(task(5, 1h), {});
  EXPECT_EQ(pop_all(queue), (Ids{0, 2, 4, 1, 5, 3})) << "no hint of class 1: last";
}

TEST(SortedQueue, TakesBackWhatWouldRunLastButNothingPinnedOrHandedOver) {
  SortedQueue queue(SortKey::kCostHint);
  for (std::uint64_t id = 0; id < 6; ++id) {
    Task made = task(id, 10ms - id * 1ms);
    if (id == 1) made.header.flags = kPinned;
    if (id == 3) made.header.flags = kHandedOver;
    queue.push(made, {});
  }
  EXPECT_EQ(ids_of(queue.take_back(2)), (Ids{2, 0}));
  EXPECT_EQ(ids_of(queue.take_back(9)), (Ids{5, 4}));
  EXPECT_EQ(pop_all(queue), (Ids{3, 1}));
}

TEST(SortedQueue, TakesBackOnlyOfTheClassesNamed) {
  SortedQueue queue(SortKey::kCostHint);
  for (std::uint64_t id = 0; id < 6; ++id) {
    queue.push(task(id, 1ms + id * 1ms, kNever, static_cast<int>(id % 2)), {});
  }
  EXPECT_EQ(ids_of(queue.take_back(2, mask_of(ClassId(0)))), (Ids{2, 4}));
  EXPECT_EQ(pop_all(queue), (Ids{0, 1, 3, 5}));
}

// The plain idea: a list, sorted by (priority, hint, order of arrival).
TEST(SortedQueue, AgreesWithASortedListUnderRandomUse) {
  Random random(12);
  SortedQueue queue(SortKey::kCostHint);
  std::vector<std::pair<std::tuple<int, Duration, std::uint64_t>, Task>> model;
  for (std::uint64_t step = 0; step < 20000; ++step) {
    const auto choice = random.below(100);
    if (choice < 55) {
      Task made = task(step, Duration(1 + random.below(20)), kNever,
                       static_cast<int>(random.below(kMaxClasses)));
      made.header.priority = static_cast<std::uint8_t>(random.below(3));
      if (random.below(4) == 0) made.header.flags = kPinned;
      queue.push(made, {});
      const auto place = std::tuple(-made.header.priority, made.header.cost_hint, step);
      model.insert(std::ranges::upper_bound(model, place, {}, [](auto& one) { return one.first; }),
                   {place, made});
    } else if (choice < 96) {
      QueuedTask queued;
      ASSERT_EQ(queue.pop(queued), !model.empty());
      if (model.empty()) continue;
      ASSERT_EQ(queued.task.header.id, model.front().second.header.id);
      model.erase(model.begin());
    } else {
      Ids expected;
      const std::size_t most = random.below(40);
      for (std::size_t i = model.size(); i-- > 0 && expected.size() < most;) {
        if (!is_movable(model[i].second)) continue;
        expected.push_back(model[i].second.header.id.value());
        model.erase(model.begin() + static_cast<std::ptrdiff_t>(i));
      }
      std::ranges::reverse(expected);
      ASSERT_EQ(ids_of(queue.take_back(most)), expected);
    }
    ASSERT_EQ(queue.size(), model.size());
  }
}

TEST(SortedQueueDeathTest, RefusesAClassThatDoesNotExist) {
  SortedQueue queue(SortKey::kDeadline);
  EXPECT_DEATH(queue.push(task(0, 1ms, kNever, kMaxClasses), {}), "a class that does not exist");
}

}  // namespace
}  // namespace weir
