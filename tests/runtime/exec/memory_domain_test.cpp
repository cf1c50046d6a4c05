// Tasks that would like a memory domain.

#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <utility>
#include <vector>

#include "runtime/exec/thread_executor.hpp"
#include "tests/runtime/exec/executor_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

Task with_wish(Task task, std::uint16_t domain) {
  task.header.memory_domain = domain;
  return task;
}

// Tasks that note who runs them, and end when they are let go.
class MemoryDomains : public testing::Test {
 protected:
  void start(std::vector<int> domains) {
    kind_ = kinds_.add("noted", [this](TaskContext& context, const Payload& payload, Bytes&) {
      std::unique_lock lock(mutex_);
      const std::uint64_t id = number_in(payload);
      ran_.emplace_back(context.worker().value(), id);
      changed_.notify_all();
      changed_.wait(lock, [&] { return let_all_go_ || let_go_[id]; });
    });
    ThreadExecutorOptions options;
    options.worker_count = static_cast<int>(domains.size());
    options.worker_domains = std::move(domains);
    options.notify = [this] { bell_.release(); };
    executor_ = std::make_unique<ThreadExecutor>(kinds_, clock_, std::move(options));
  }
  void enqueue(std::vector<Task> tasks) { executor_->enqueue(std::move(tasks), clock_.now()); }
  Task task(std::uint64_t id) { return make_task(kind_, id); }
  // Worker and task of those that have begun, once there are so many.
  std::vector<std::pair<int, std::uint64_t>> wait_for_begun(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, 10s, [&] { return ran_.size() >= count; }));
    return ran_;
  }
  int worker_of(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    for (const auto& [worker, its] : ran_) {
      if (its == id) return worker;
    }
    return -1;
  }
  void let_go(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    let_go_[id] = true;
    changed_.notify_all();
  }
  void let_all_go() {
    const std::lock_guard lock(mutex_);
    let_all_go_ = true;
    changed_.notify_all();
  }
  std::vector<TaskEnd> wait_for_ends(std::size_t count) {
    std::vector<TaskEnd> ends;
    while (ends.size() < count) {
      bell_.acquire();
      executor_->take_ended(clock_.now(), ends);
    }
    return ends;
  }

  TestClock clock_;
  KindTable kinds_;
  KindId kind_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<int, std::uint64_t>> ran_;
  std::map<std::uint64_t, bool> let_go_;
  bool let_all_go_ = false;
  std::counting_semaphore<> bell_{0};
  std::unique_ptr<ThreadExecutor> executor_;
};

TEST_F(MemoryDomains, AreWhereTasksRunThatWouldLikeThem) {
  start({0, 0, 1, 1});
  let_all_go();
  // In the beginning workers of both look for work.
  int in_a_row = 0;
  std::uint64_t id = 0;
  for (; id < 10'000 && in_a_row < 30; ++id) {
    enqueue({with_wish(task(id), 1)});
    wait_for_ends(1);
    in_a_row = worker_of(id) >= 2 ? in_a_row + 1 : 0;
  }
  EXPECT_EQ(in_a_row, 30);
  in_a_row = 0;
  for (; id < 20'000 && in_a_row < 30; ++id) {
    enqueue({with_wish(task(id), 0)});
    wait_for_ends(1);
    in_a_row = worker_of(id) < 2 ? in_a_row + 1 : 0;
  }
  EXPECT_EQ(in_a_row, 30);
}

TEST_F(MemoryDomains, ThatAreFullLeaveTheRestToOthersBeforeThoseIdle) {
  start({0, 0, 1, 1});
  enqueue({with_wish(task(0), 1), with_wish(task(1), 1), with_wish(task(2), 1)});
  wait_for_begun(3);
  enqueue({with_wish(task(3), 1)});
  EXPECT_EQ(wait_for_begun(4).size(), 4U);
  let_all_go();
  wait_for_ends(4);
}

TEST_F(MemoryDomains, ThatTurnFreeTakeTheirOwnTasksFirst) {
  start({0, 1});
  enqueue({task(0), task(1)});
  wait_for_begun(2);
  const std::uint64_t at_first = worker_of(0) == 0 ? 0 : 1;
  enqueue({task(10), with_wish(task(11), 1), with_wish(task(12), 0)});
  let_go(1 - at_first);  // Worker 1 is free.
  EXPECT_EQ(wait_for_begun(3).back(), (std::pair<int, std::uint64_t>(1, 11)));
  let_go(at_first);
  EXPECT_EQ(wait_for_begun(4).back(), (std::pair<int, std::uint64_t>(0, 12)));
  let_go(11);
  EXPECT_EQ(wait_for_begun(5).back(), (std::pair<int, std::uint64_t>(1, 10)));
  let_all_go();
  wait_for_ends(5);
}

TEST_F(MemoryDomains, ComeAfterPriority) {
  start({0, 1});
  enqueue({task(0), task(1)});
  wait_for_begun(2);
  Task urgent = task(10);
  urgent.header.priority = 1;
  enqueue({with_wish(task(11), 1), with_wish(task(12), 0), std::move(urgent)});
  let_go(0);
  EXPECT_EQ(wait_for_begun(3).back().second, 10U);
  let_all_go();
  wait_for_ends(5);
}

TEST_F(MemoryDomains, ThatAreNotThereFailPinnedTasksAndAreNotHeededByOthers) {
  start({0, 1});
  let_all_go();
  Task pinned = with_wish(task(0), 2);
  pinned.header.flags |= kPinned;
  enqueue({std::move(pinned)});
  const auto failed = wait_for_ends(1);
  EXPECT_EQ(failed[0].status, TaskStatus::kFailed);
  EXPECT_EQ(text_of(failed[0].result),
            "there is no memory domain 2 where the task was to run: that rank has 2");
  enqueue({with_wish(task(1), 2)});
  EXPECT_EQ(wait_for_ends(1)[0].status, TaskStatus::kDone);
}

TEST_F(MemoryDomains, GiveBackTasksThatWaitForThem) {
  start({0, 1});
  enqueue({task(0), task(1)});
  wait_for_begun(2);
  enqueue({task(10), with_wish(task(11), 0), with_wish(task(12), 1)});
  EXPECT_EQ(executor_->load(clock_.now()).queued, 3U);
  EXPECT_EQ(executor_->take_back(2).size(), 2U);
  EXPECT_EQ(executor_->take_back(2).size(), 1U);
  EXPECT_EQ(executor_->load(clock_.now()).queued, 0U);
  let_all_go();
  wait_for_ends(2);
}

}  // namespace
}  // namespace weir
