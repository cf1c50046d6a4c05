#include "runtime/session/session_executor.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir {
namespace {

// A queue that nobody works on.
class Queue final : public Executor {
 public:
  explicit Queue(std::vector<Task>& tasks) : tasks_(tasks) {}
  int worker_count() const override { return 3; }
  void enqueue(std::vector<Task> tasks, Instant) override {
    for (Task& task : tasks) tasks_.push_back(std::move(task));
  }
  void take_ended(Instant, std::vector<TaskEnd>&) override {}
  std::vector<Task> take_back(std::size_t most, ClassMask) override {
    std::vector<Task> taken;
    std::vector<Task> rest;
    for (Task& task : tasks_) {
      const bool stays = (task.header.flags & kPinned) != 0 || taken.size() == most;
      (stays ? rest : taken).push_back(std::move(task));
    }
    tasks_ = std::move(rest);
    return taken;
  }
  void set_class_limits(const ClassLimits&, Instant) override {}
  ExecutorLoad load(Instant) const override {
    ExecutorLoad load;
    load.queued = static_cast<std::uint32_t>(tasks_.size());
    return load;
  }
  void append_running(std::vector<RunningTask>&) const override {}
  SpawnCounts spawn_counts() const override { return {.finished = 3, .started = 5, .failed = 1}; }
  Instant next_end() const override { return kNever; }

 private:
  std::vector<Task>& tasks_;
};

class SessionExecutorTest : public testing::Test {
 protected:
  SessionExecutorTest() {
    kinds_.add("usual", [](TaskContext&, const Payload&, Bytes&) {});
    kinds_.add("immediate", [](TaskContext&, const Payload&, Bytes&) {}, {.immediate = true});
  }

  static Task task(int index, int kind = 0, std::uint16_t flags = 0) {
    Task made;
    made.header.id = TaskId(static_cast<std::uint64_t>(index));
    made.header.kind = KindId(static_cast<std::uint16_t>(kind));
    made.header.flags = flags;
    return made;
  }
  static std::vector<Task> list(Task one) {
    std::vector<Task> tasks;
    tasks.push_back(std::move(one));
    return tasks;
  }
  static std::vector<int> indices(const std::vector<Task>& tasks) {
    std::vector<int> all;
    for (const Task& one : tasks) all.push_back(static_cast<int>(one.header.id.value()));
    return all;
  }

  KindTable kinds_;
  Promises promises_;
  std::vector<Task> queue_;
  SessionExecutor executor_{std::make_unique<Queue>(queue_), kinds_, promises_};
};

TEST_F(SessionExecutorTest, CountsPromisesAsSpawnedWorkUntilTheyAreKept) {
  promises_.make();
  promises_.make();
  promises_.keep();
  EXPECT_EQ(executor_.spawn_counts().started, 7U);
  EXPECT_EQ(executor_.spawn_counts().finished, 4U);
  EXPECT_EQ(executor_.spawn_counts().failed, 1U);
  EXPECT_EQ(promises_.open(), 1U);
}

TEST_F(SessionExecutorTest, KeepsBackWhatIsQueuedAndWhatComesButNotImmediateTasks) {
  executor_.enqueue(list(task(1)), {});
  executor_.enqueue(list(task(2, 0, kPinned)), {});
  executor_.keep_back(true, {});
  EXPECT_EQ(indices(queue_), std::vector<int>{2}) << "pinned: it cannot be taken back";
  std::vector<Task> more;
  more.push_back(task(3));
  more.push_back(task(4, 1));
  more.push_back(task(5, 0, kPinned));
  executor_.enqueue(std::move(more), {});
  EXPECT_EQ(indices(queue_), (std::vector<int>{2, 4}));
  EXPECT_EQ(executor_.load({}).queued, 5U);
  EXPECT_EQ(executor_.counts({}).queued, 5U);
  executor_.keep_back(false, {});
  EXPECT_EQ(indices(queue_), (std::vector<int>{2, 4, 1, 3, 5}));
  EXPECT_EQ(executor_.load({}).queued, 5U);
}

TEST_F(SessionExecutorTest, GivesAwayWhatItKeepsBackFromTheTail) {
  executor_.keep_back(true, {});
  for (int i = 1; i <= 4; ++i) executor_.enqueue(list(task(i, 0, i == 3 ? kPinned : 0)), {});
  EXPECT_EQ(indices(executor_.take_back(2, kAllClasses)), (std::vector<int>{2, 4}));
  EXPECT_TRUE(executor_.take_back(5, mask_of(ClassId(7))).empty());
  EXPECT_EQ(indices(executor_.take_back(5, kAllClasses)), std::vector<int>{1});
  executor_.keep_back(false, {});
  EXPECT_EQ(indices(queue_), std::vector<int>{3});
}

}  // namespace
}  // namespace weir
