#include "runtime/exec/class_queues.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

Task task(std::uint64_t id, int task_class = 0, int priority = 0, std::uint16_t flags = 0) {
  Task made;
  made.header.id = TaskId(id);
  made.header.task_class = ClassId(static_cast<std::uint8_t>(task_class));
  made.header.priority = static_cast<std::uint8_t>(priority);
  made.header.flags = flags;
  return made;
}

std::vector<std::uint64_t> pop_all(ClassQueues& queues) {
  std::vector<std::uint64_t> ids;
  QueuedTask queued;
  while (queues.pop(queued)) ids.push_back(queued.task.header.id.value());
  return ids;
}

std::vector<std::uint64_t> ids_of(const std::vector<Task>& tasks) {
  std::vector<std::uint64_t> ids;
  for (const Task& one : tasks) ids.push_back(one.header.id.value());
  return ids;
}

using Ids = std::vector<std::uint64_t>;

TEST(ClassQueues, ServesEqualPrioritiesInTheOrderTheyCameAcrossClasses) {
  ClassQueues queues;
  for (std::uint64_t id = 0; id < 6; ++id) queues.push(task(id, static_cast<int>(id % 3)), {});
  EXPECT_EQ(queues.size(), 6U);
  EXPECT_EQ(queues.size(ClassId(2)), 2U);
  EXPECT_EQ(pop_all(queues), (Ids{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(queues.size(), 0U);
}

TEST(ClassQueues, ServesHigherPrioritiesFirst) {
  ClassQueues queues;
  queues.push(task(0, 0, 1), {});
  queues.push(task(1, 1, 9), {});
  queues.push(task(2, 0, 9), {});
  queues.push(task(3, 1, 200), {});
  queues.push(task(4, 0, 0), {});
  EXPECT_EQ(pop_all(queues), (Ids{3, 1, 2, 0, 4}));
}

TEST(ClassQueues, RemembersWhenATaskWasQueued) {
  ClassQueues queues;
  queues.push(task(0), Instant(Duration(17)));
  QueuedTask queued;
  ASSERT_TRUE(queues.pop(queued));
  EXPECT_EQ(queued.queued_at, Instant(Duration(17)));
}

TEST(ClassQueues, TakesBackFromTheTailInRunningOrder) {
  ClassQueues queues;
  for (std::uint64_t id = 0; id < 6; ++id) queues.push(task(id, static_cast<int>(id % 2)), {});
  queues.push(task(6, 0, 5), {});
  EXPECT_EQ(ids_of(queues.take_back(2)), (Ids{4, 5}));
  EXPECT_EQ(pop_all(queues), (Ids{6, 0, 1, 2, 3}));
}

TEST(ClassQueues, TakesBackOnlyOfTheClassesNamed) {
  ClassQueues queues;
  for (std::uint64_t id = 0; id < 6; ++id) queues.push(task(id, static_cast<int>(id % 2)), {});
  EXPECT_EQ(ids_of(queues.take_back(2, mask_of(ClassId(0)))), (Ids{2, 4}));
  EXPECT_TRUE(queues.take_back(2, mask_of(ClassId(3))).empty());
  EXPECT_EQ(pop_all(queues), (Ids{0, 1, 3, 5}));
}

TEST(ClassQueues, NeverTakesBackPinnedOrHandedOverTasks) {
  ClassQueues queues;
  queues.push(task(0), {});
  queues.push(task(1, 0, 0, kPinned), {});
  queues.push(task(2), {});
  queues.push(task(3, 0, 0, kHandedOver), {});
  queues.push(task(4, 0, 0, kNoRerun), {});
  queues.push(task(5, 0, 0, kPinned | kHandedOver), {});
  EXPECT_EQ(ids_of(queues.take_back(100)), (Ids{0, 2, 4}));
  EXPECT_TRUE(queues.take_back(100).empty());
  EXPECT_EQ(pop_all(queues), (Ids{1, 3, 5}));
}

// The plain idea of the queue: a list, sorted.
class Model {
 public:
  void push(const Task& made) { tasks_.push_back({sequence_++, made}); }
  std::uint64_t pop() {
    sort();
    const std::uint64_t id = tasks_.front().second.header.id.value();
    tasks_.erase(tasks_.begin());
    return id;
  }
  Ids take_back(std::size_t most) {
    sort();
    Ids taken;
    for (std::size_t i = tasks_.size(); i-- > 0 && taken.size() < most;) {
      if ((tasks_[i].second.header.flags & (kPinned | kHandedOver)) != 0) continue;
      taken.push_back(tasks_[i].second.header.id.value());
      tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    std::ranges::reverse(taken);
    return taken;
  }
  // The deepest of the first priority that has one so deep; nothing where none is.
  std::optional<std::uint64_t> pop_deeper(int than) {
    sort();
    auto best = tasks_.end();
    for (auto one = tasks_.begin(); one != tasks_.end(); ++one) {
      const TaskHeader& its = one->second.header;
      if (its.depth <= than) continue;
      if (best == tasks_.end() ||
          (its.priority == best->second.header.priority && its.depth > best->second.header.depth)) {
        best = one;
      }
    }
    if (best == tasks_.end()) return std::nullopt;
    const std::uint64_t id = best->second.header.id.value();
    tasks_.erase(best);
    return id;
  }
  std::size_t size() const { return tasks_.size(); }

 private:
  void sort() {
    std::ranges::sort(tasks_, [](const auto& a, const auto& b) {
      return std::tuple(-a.second.header.priority, a.first) <
             std::tuple(-b.second.header.priority, b.first);
    });
  }
  std::uint64_t sequence_ = 0;
  std::vector<std::pair<std::uint64_t, Task>> tasks_;
};

TEST(ClassQueues, AgreesWithASortedListUnderRandomUse) {
  Random random(11);
  ClassQueues queues;
  Model model;
  for (std::uint64_t step = 0; step < 20000; ++step) {
    const auto choice = random.below(100);
    if (choice < 55) {
      Task made = task(step, static_cast<int>(random.below(2)), static_cast<int>(random.below(4)),
                       random.below(3) == 0 ? std::uint16_t{kPinned} : std::uint16_t{0});
      made.header.depth = static_cast<std::uint16_t>(random.below(30));
      queues.push(made, {});
      model.push(made);
    } else if (choice < 65) {
      QueuedTask queued;
      const int than = static_cast<int>(random.below(30));
      const std::optional<std::uint64_t> expected = model.pop_deeper(than);
      ASSERT_EQ(queues.pop_deeper(queued, kAllClasses, than), expected.has_value());
      if (expected) {
        ASSERT_EQ(queued.task.header.id.value(), *expected);
      }
    } else if (choice < 96) {
      QueuedTask queued;
      ASSERT_EQ(queues.pop(queued), model.size() > 0);
      if (model.size() > 0) {
        ASSERT_EQ(queued.task.header.id.value(), model.pop());
      }
    } else {
      const std::size_t most = random.below(40);
      ASSERT_EQ(ids_of(queues.take_back(most)), model.take_back(most));
    }
    ASSERT_EQ(queues.size(), model.size());
  }
}

TEST(ClassQueues, GivesTheDeepestOfTheClassesNamedOutOfTurn) {
  ClassQueues queues;
  const auto push = [&](std::uint64_t id, int task_class, std::uint16_t depth) {
    Task made = task(id, task_class);
    made.header.depth = depth;
    queues.push(made, {});
  };
  push(0, 0, 0);
  push(1, 0, 2);
  push(2, 1, 7);
  push(3, 0, 2);
  EXPECT_EQ(queues.deepest(kAllClasses), 7);
  EXPECT_EQ(queues.deepest(mask_of(ClassId(0))), 2);
  QueuedTask queued;
  EXPECT_FALSE(queues.pop_deeper(queued, mask_of(ClassId(0)), 2));
  ASSERT_TRUE(queues.pop_deeper(queued, mask_of(ClassId(0)), 1));
  EXPECT_EQ(queued.task.header.id, TaskId(1));
  EXPECT_EQ(pop_all(queues), (Ids{0, 2, 3}));
  EXPECT_EQ(queues.deepest(kAllClasses), 0);
}

TEST(ClassQueues, TakesTheDeepestDepthThereIsForDeeperThanItself) {
  ClassQueues queues;
  Task made = task(0);
  made.header.depth = kMostDepth;
  queues.push(made, {});
  QueuedTask queued;
  EXPECT_TRUE(queues.pop_deeper(queued, kAllClasses, kMostDepth));
}

TEST(ClassQueuesDeathTest, RefusesAClassThatDoesNotExist) {
  ClassQueues queues;
  EXPECT_DEATH(queues.push(task(0, kMaxClasses), {}), "a class that does not exist");
}

}  // namespace
}  // namespace weir
