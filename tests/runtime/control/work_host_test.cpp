#include "runtime/control/work_host.hpp"

#include <gtest/gtest.h>

#include "tests/support/control_fakes.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Node 0 of four ranks, with one worker; each task takes 1 ms.
struct Node {
  explicit Node(WorkHostOptions options) : host(RankId(0), options, executor, meter, transport) {}

  std::vector<TaskEnd> collect(Duration at) {
    std::vector<TaskEnd> local;
    host.collect(Instant(at), local);
    return local;
  }
  // The credit in each message to `home` so far.
  std::vector<std::uint32_t> credit_to(int home) {
    std::vector<std::uint32_t> credit;
    for (const CreditReturn& m : transport.take<CreditReturn>(home)) {
      credit.push_back(m.task_count);
    }
    return credit;
  }

  RecordingTransport transport{0, 4};
  ScriptedExecutor executor{RankId(0), 1, [](const TaskHeader&, RankId) { return ScriptedRun{}; }};
  SilentTelemetry telemetry;
  NodeMeter meter{RankId(0), {}, executor, telemetry};
  WorkHost host;
};

using Credit = std::vector<std::uint32_t>;

TEST(WorkHost, ReturnsCreditInPortions) {
  Node node({.credit_portion = 4});
  node.host.accept_placed(RankId(1), tasks_of(1, 1, 3), Instant{});
  node.collect(0s);
  EXPECT_EQ(node.credit_to(1), Credit{});
  node.host.accept_placed(RankId(1), tasks_of(1, 4, 3), Instant{});
  node.collect(0s);
  EXPECT_EQ(node.credit_to(1), Credit{6});
  node.collect(0s);
  EXPECT_EQ(node.credit_to(1), Credit{});
}

TEST(WorkHost, KeepsTheCreditOfHomesApart) {
  Node node({.credit_portion = 4});
  node.host.accept_placed(RankId(1), tasks_of(1, 1, 3), Instant{});
  node.host.accept_placed(RankId(2), tasks_of(2, 100, 4), Instant{});
  node.collect(0s);
  EXPECT_EQ(node.credit_to(1), Credit{});
  EXPECT_EQ(node.credit_to(2), Credit{4});
}

TEST(WorkHost, WithholdsCreditWhileTheQueueIsTooLongAndReturnsAllOfItLater) {
  Node node({.queue_limit = 5, .credit_portion = 2});
  node.host.accept_placed(RankId(1), tasks_of(1, 1, 8), Instant{});
  node.host.accept_placed(RankId(2), tasks_of(2, 100, 1), Instant{});
  node.host.accept_placed(RankId(1), tasks_of(1, 9, 2), Instant{});
  node.collect(0s);  // One runs, ten wait.
  node.collect(4ms);
  EXPECT_EQ(node.credit_to(1), Credit{});
  node.collect(5ms);  // Five wait.
  EXPECT_EQ(node.credit_to(1), Credit{10});
  EXPECT_EQ(node.credit_to(2), Credit{});
}

TEST(WorkHost, OwesNoCreditForLocalAndHandedOverTasks) {
  Node node({.credit_portion = 1});
  node.host.accept_local(tasks_of(0, 1, 3), Instant{});
  node.host.accept_handed_over(tasks_of(1, 10, 3), Instant{});
  node.collect(0s);
  EXPECT_TRUE(node.transport.sent.empty());
}

TEST(WorkHost, OwesNoCreditForTasksThatCameWithoutAndForgetsThatTheyDid) {
  Node node({.credit_portion = 4});
  std::vector<Task> tasks = tasks_of(1, 1, 5);
  for (std::size_t i = 0; i < 2; ++i) tasks[i].header.flags |= kUncredited;
  node.host.accept_placed(RankId(1), std::move(tasks), Instant{});
  node.collect(0s);
  EXPECT_EQ(node.credit_to(1), Credit{});
  node.host.accept_placed(RankId(1), tasks_of(1, 6, 1), Instant{});
  node.collect(0s);
  EXPECT_EQ(node.credit_to(1), Credit{4});
  for (const Task& task : node.executor.take_back(9))
    EXPECT_EQ(task.header.flags, 0) << task.header.id.value();
}

TEST(WorkHost, GathersTheEndsOfEachHomeIntoMessagesOfBoundedCount) {
  Node node({.credit_portion = 1000, .max_batch_ends = 4});
  for (std::uint64_t i = 0; i < 10; ++i) {
    node.host.accept_placed(RankId(1), tasks_of(1, 1 + i, 1), Instant{});
    if (i < 3) node.host.accept_placed(RankId(2), tasks_of(2, 100 + i, 1), Instant{});
  }
  node.host.accept_local(tasks_of(0, 200, 2), Instant{});
  const std::vector<TaskEnd> local = node.collect(1s);
  ASSERT_EQ(local.size(), 2u);
  EXPECT_EQ(local[0].id, TaskId(200));

  std::vector<std::uint64_t> ids;
  const auto to_first = node.transport.take<EndBatch>(1);
  EXPECT_EQ(to_first.size(), 3u);
  for (const EndBatch& batch : to_first) {
    EXPECT_LE(batch.ends.size(), 4u);
    for (const TaskEnd& end : batch.ends) ids.push_back(end.id.value());
  }
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  const auto to_second = node.transport.take<EndBatch>(2);
  ASSERT_EQ(to_second.size(), 1u);
  EXPECT_EQ(to_second[0].ends.size(), 3u);
  EXPECT_TRUE(node.transport.sent.empty());
}

TEST(WorkHost, ClosesAMessageOfEndsOnceItsResultsHaveReachedTheBytes) {
  ScriptedExecutor executor(RankId(0), 1, [](const TaskHeader&, RankId) {
    return ScriptedRun{.service = 1ms, .result = Bytes(400)};
  });
  RecordingTransport transport(0, 2);
  SilentTelemetry telemetry;
  NodeMeter meter(RankId(0), {}, executor, telemetry);
  WorkHost host(RankId(0), {.max_batch_bytes = 1000}, executor, meter, transport);
  host.accept_placed(RankId(1), tasks_of(1, 1, 5), Instant{});
  std::vector<TaskEnd> local;
  host.collect(Instant(1s), local);
  const auto batches = transport.take<EndBatch>(1);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].ends.size(), 3u);
  EXPECT_EQ(batches[1].ends.size(), 2u);
}

TEST(WorkHost, LearnsNothingOfAClassFromTasksThatFailedWithoutBeingRun) {
  Duration service = 0ms;
  Node node({});
  ScriptedExecutor executor(RankId(0), 1, [&](const TaskHeader&, RankId) {
    return ScriptedRun{service, true};
  });
  WorkHost host(RankId(0), {}, executor, node.meter, node.transport);
  std::vector<TaskEnd> ended;
  host.accept_local(tasks_of(0, 1, 1), Instant{});
  host.collect(Instant(1s), ended);
  EXPECT_EQ(ended.size(), 1U);
  EXPECT_EQ(node.meter.served(ClassId(0)).count, 0U);
  service = 1ms;
  host.accept_local(tasks_of(0, 2, 1), Instant(1s));
  host.collect(Instant(2s), ended);
  EXPECT_EQ(ended.size(), 2U);
  EXPECT_EQ(node.meter.served(ClassId(0)).count, 1U);
}

TEST(WorkHost, MarksHandedOverTasksSoThatTheyStay) {
  Node node({});
  node.host.accept_handed_over(tasks_of(1, 1, 3), Instant{});
  node.host.accept_placed(RankId(1), tasks_of(1, 10, 1), Instant{});
  const std::vector<Task> taken = node.executor.take_back(10);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].header.id, TaskId(10));
}

}  // namespace
}  // namespace weir
