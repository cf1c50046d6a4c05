#include "runtime/exec/sorted_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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

// Class 1 runs its short tasks first, all others come first, served first.
SortedQueue short_ones_of_class_1_first() {
  ClassSortKeys keys;
  keys.fill(SortKey::kArrival);
  keys[1] = SortKey::kCostHint;
  return SortedQueue(SortKey::kArrival, keys);
}

TEST(SortedQueueOfClasses, ALongTaskLeftBehindClaimsNoTurnsForItsClass) {
  SortedQueue queue = short_ones_of_class_1_first();
  queue.push(task(0, 1h, kNever, 1), {});
  for (std::uint64_t id = 1; id < 7; ++id) {
    queue.push(task(id, 1ms, kNever, static_cast<int>(id % 2)), {});
  }
  EXPECT_EQ(pop_all(queue), (Ids{1, 3, 2, 5, 4, 0, 6}));
}

TEST(SortedQueueOfClasses, ShortTasksThatComeLateTakeTheTurnsOfTheirClass) {
  SortedQueue queue = short_ones_of_class_1_first();
  QueuedTask queued;
  queue.push(task(0, 9ms, kNever, 1), {});
  queue.push(task(1, 9ms, kNever, 0), {});
  for (std::uint64_t id = 2; id < 9; ++id) {
    queue.push(task(id, 1ms, kNever, 1), {});
    queue.push(task(id + 100, 1ms, kNever, 0), {});
    ASSERT_TRUE(queue.pop(queued));
    EXPECT_EQ(queued.task.header.task_class, ClassId(id % 2 == 0 ? 1 : 0)) << id;
  }
}

TEST(SortedQueueOfClasses, TakesBackWhatWouldRunLast) {
  SortedQueue queue = short_ones_of_class_1_first();
  for (std::uint64_t id = 0; id < 6; ++id) {
    Task made = task(id, 10ms - id * 1ms, kNever, static_cast<int>(id % 2));
    if (id == 1) made.header.flags = kPinned;  // the longest of class 1
    queue.push(made, {});
  }
  // They would run as 0, 5, 2, 3, 4, 1.
  EXPECT_EQ(ids_of(queue.take_back(2)), (Ids{3, 4}));
  EXPECT_EQ(pop_all(queue), (Ids{0, 5, 2, 1}));
}

TEST(SortedQueueOfClasses, ATaskTakenOutOfTurnForItsDepthUsesUpATurnOfItsClass) {
  SortedQueue queue = short_ones_of_class_1_first();
  for (std::uint64_t id = 0; id < 6; ++id) {
    Task made = task(id, 10ms - id * 1ms, kNever, static_cast<int>(id % 2));
    made.header.depth = id == 3 ? 2 : id == 4 ? 1 : 0;
    queue.push(made, {});
  }
  EXPECT_EQ(queue.deepest(kAllClasses), 2);
  QueuedTask queued;
  ASSERT_TRUE(queue.pop_deeper(queued, kAllClasses, 1));
  EXPECT_EQ(queued.task.header.id, TaskId(3));
  EXPECT_FALSE(queue.pop_deeper(queued, kAllClasses, 1));
  // Class 1 has lost the turn that came with task 1.
  EXPECT_EQ(pop_all(queue), (Ids{0, 2, 5, 4, 1}));
  EXPECT_EQ(queue.deepest(kAllClasses), 0);
}

TEST(SortedQueue, GivesDeeperTasksByPriorityThenDepth) {
  SortedQueue queue(SortKey::kCostHint);
  for (std::uint64_t id = 0; id < 4; ++id) {
    Task made = task(id, 10ms - id * 1ms);
    made.header.depth = static_cast<std::uint16_t>(id);
    made.header.priority = id < 2 ? 1 : 0;
    queue.push(made, {});
  }
  Ids ids;
  QueuedTask queued;
  while (queue.pop_deeper(queued, kAllClasses, 0)) ids.push_back(queued.task.header.id.value());
  EXPECT_EQ(ids, (Ids{1, 3, 2}));
  EXPECT_EQ(pop_all(queue), Ids{0});
}

// The plain idea: of each class a list by its order, and a list of its turns by the common order.
class PlainClasses {
 public:
  explicit PlainClasses(const std::array<SortKey, kMaxClasses>& keys) : keys_(keys) {}

  void push(const Task& task) {
    const auto i = task.header.task_class.value();
    tasks_[i].push_back({place(task.header, keys_[i]), task});
    turns_[i].push_back(place(task.header, SortKey::kDeadline));
    std::ranges::sort(tasks_[i], {}, &Waiting::place);
    std::ranges::sort(turns_[i]);
    ++arrived_;
  }
  std::size_t first_class() const {
    std::size_t first = kMaxClasses;
    for (std::size_t i = 0; i < kMaxClasses; ++i) {
      if (turns_[i].empty()) continue;
      if (first == kMaxClasses || turns_[i].front() < turns_[first].front()) first = i;
    }
    return first;
  }
  TaskId pop() {
    const std::size_t i = first_class();
    const TaskId id = tasks_[i].front().task.header.id;
    tasks_[i].erase(tasks_[i].begin());
    turns_[i].erase(turns_[i].begin());
    return id;
  }
  // By the order of a run to its end.
  Ids take_back(std::size_t most) {
    PlainClasses rehearsal = *this;
    std::vector<std::pair<std::size_t, std::size_t>> run;  // classes, and places within them
    std::array<std::size_t, kMaxClasses> next{};
    for (std::size_t i; (i = rehearsal.first_class()) < kMaxClasses; rehearsal.pop()) {
      run.emplace_back(i, next[i]++);
    }
    Ids taken;
    for (auto one = run.rbegin(); one != run.rend() && taken.size() < most; ++one) {
      const auto [i, position] = *one;
      const auto offset = static_cast<std::ptrdiff_t>(position);
      if (!is_movable(tasks_[i][position].task)) continue;
      taken.push_back(tasks_[i][position].task.header.id.value());
      tasks_[i].erase(tasks_[i].begin() + offset);
      turns_[i].erase(turns_[i].begin() + offset);
    }
    std::ranges::reverse(taken);
    return taken;
  }
  bool empty() const { return first_class() == kMaxClasses; }

 private:
  using Place = std::tuple<int, std::int64_t, std::uint64_t>;
  struct Waiting {
    Place place;
    Task task;
  };
  Place place(const TaskHeader& task, SortKey key) const {
    const std::int64_t number = key == SortKey::kArrival ? 0
                                : key == SortKey::kCostHint
                                    ? task.cost_hint.count()
                                    : task.deadline.time_since_epoch().count();
    return {-task.priority, number, arrived_};
  }

  std::array<SortKey, kMaxClasses> keys_;
  std::array<std::vector<Waiting>, kMaxClasses> tasks_;
  std::array<std::vector<Place>, kMaxClasses> turns_;
  std::uint64_t arrived_ = 0;
};

TEST(SortedQueueOfClasses, AgreesWithListsOfTasksAndTurnsUnderRandomUse) {
  Random random(13);
  ClassSortKeys keys;
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<SortKey>(i % 3);
  SortedQueue queue(SortKey::kDeadline, keys);
  PlainClasses model(keys);
  for (std::uint64_t step = 0; step < 10'000; ++step) {
    const auto choice = random.below(100);
    if (choice < 53) {
      Task made = task(step, Duration(1 + random.below(20)), Instant(Duration(random.below(20))),
                       static_cast<int>(random.below(kMaxClasses)));
      made.header.priority = static_cast<std::uint8_t>(random.below(3));
      if (random.below(4) == 0) made.header.flags = kPinned;
      queue.push(made, {});
      model.push(made);
    } else if (choice < 96) {
      QueuedTask queued;
      ASSERT_EQ(queue.pop(queued), !model.empty());
      if (!model.empty()) {
        ASSERT_EQ(queued.task.header.id, model.pop());
      }
    } else {
      const std::size_t most = random.below(40);
      ASSERT_EQ(ids_of(queue.take_back(most)), model.take_back(most));
    }
  }
}

TEST(SortedQueueDeathTest, RefusesAClassThatDoesNotExist) {
  SortedQueue queue(SortKey::kDeadline);
  EXPECT_DEATH(queue.push(task(0, 1ms, kNever, kMaxClasses), {}), "a class that does not exist");
}

}  // namespace
}  // namespace weir
