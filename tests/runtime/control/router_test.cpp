#include "runtime/control/router.hpp"

#include <gtest/gtest.h>

#include "tests/support/control_fakes.hpp"
#include "tests/support/finished_tasks.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// A home, rank 0, of three nodes, whose policy always chooses node 1.
struct Home {
  explicit Home(RouterOptions options = {})
      : router(RankId(0), options, policy, cluster, transport) {}

  void route(int count, RankId target = kNoRank, const Payload& payload = {}) {
    for (int i = 0; i < count; ++i) router.route(header_of(++last_id), payload, target, Instant{});
  }
  // Of tasks that a task submitted.
  void route_nested(int count) {
    for (int i = 0; i < count; ++i) {
      TaskHeader header = header_of(++last_id);
      header.depth = 1;
      router.route(header, {}, kNoRank, Instant{});
    }
  }
  // The number of tasks in each message to `node`, sent by a flush.
  std::vector<std::size_t> flush_to(int node) {
    router.flush(local, failed);
    std::vector<std::size_t> sizes;
    for (const TaskBatch& batch : transport.take<TaskBatch>(node)) {
      sizes.push_back(batch.tasks.size());
      for (const Task& task : batch.tasks) {
        sent_ids.push_back(task.header.id.value());
        sent_flags.push_back(task.header.flags);
      }
    }
    return sizes;
  }

  FixedPolicy policy{1};
  ClusterState cluster{RankId(0), 3, 1};
  RecordingTransport transport{0, 3};
  Router router;
  std::vector<Task> local;
  std::vector<TaskEnd> failed;
  std::vector<std::uint64_t> sent_ids;
  std::vector<std::uint16_t> sent_flags;
  std::uint64_t last_id = 0;
};

using Sizes = std::vector<std::size_t>;

TEST(Router, GathersWhatGoesToOneNodeIntoMessagesOfBoundedCount) {
  Home home({.credit_per_node = 100, .max_batch_tasks = 8});
  home.route(20);
  EXPECT_EQ(home.flush_to(1), (Sizes{8, 8, 4}));
  EXPECT_EQ(home.flush_to(1), Sizes{});
}

TEST(Router, ClosesAMessageOnceItsPayloadsHaveReachedTheBytes) {
  Home home({.max_batch_bytes = 1000});
  home.route(5, kNoRank, Payload(Bytes(400)));
  EXPECT_EQ(home.flush_to(1), (Sizes{3, 2}));
}

TEST(Router, CountsTheBytesOfObjectsToo) {
  Home home({.max_batch_bytes = 1000});
  home.route(5, kNoRank, Payload(std::make_shared<Object>()));
  EXPECT_EQ(home.flush_to(1), (Sizes{3, 2}));
}

TEST(Router, LeavesTheObjectsOfItsOwnNodeAlone) {
  Home home;
  home.route(1, RankId(0), Payload(std::make_shared<Object>()));
  home.route(1, RankId(0), Payload(std::make_shared<Unserializable>()));
  home.router.flush(home.local, home.failed);
  ASSERT_EQ(home.local.size(), 2u);
  EXPECT_TRUE(home.local[0].payload.is_object());
  EXPECT_TRUE(home.local[1].payload.is_object());
  EXPECT_TRUE(home.failed.empty());
}

TEST(Router, EndsTheAttemptOfATaskThatCannotBeSerializedAndSendsTheOthers) {
  Home home({.credit_per_node = 4});
  home.route(2);
  home.route(2, kNoRank, Payload(std::make_shared<Unserializable>()));
  home.route(3);
  EXPECT_EQ(home.flush_to(1), Sizes{4}) << "those that were not sent take no credit";
  EXPECT_EQ(home.sent_ids, (std::vector<std::uint64_t>{1, 2, 5, 6}));
  ASSERT_EQ(home.failed.size(), 2u);
  EXPECT_EQ(home.failed[0].id, TaskId(3));
  EXPECT_EQ(home.failed[0].status, TaskStatus::kFailed);
  EXPECT_EQ(home.failed[0].result, bytes_of("std::range_error: too wide"));
  home.router.on_credit(RankId(1), 4);
  EXPECT_EQ(home.flush_to(1), Sizes{1});
}

TEST(Router, SendsNoMessageWhenNothingOfItCanBeSerialized) {
  Home home;
  home.route(3, kNoRank, Payload(std::make_shared<Unserializable>()));
  EXPECT_EQ(home.flush_to(1), Sizes{});
  EXPECT_EQ(home.failed.size(), 3u);
}

TEST(Router, NeverHasMoreUnderWayThanTheCreditAndGoesOnWhenSomeReturns) {
  Home home({.credit_per_node = 10, .max_batch_tasks = 4});
  home.route(25);
  EXPECT_EQ(home.flush_to(1), (Sizes{4, 4, 2}));
  home.route(1);
  EXPECT_EQ(home.flush_to(1), Sizes{});
  home.router.on_credit(RankId(1), 3);
  EXPECT_EQ(home.flush_to(1), (Sizes{3}));
  home.router.on_credit(RankId(1), 10);
  EXPECT_EQ(home.flush_to(1), (Sizes{4, 4, 2}));
  home.router.on_credit(RankId(1), 10);
  EXPECT_EQ(home.flush_to(1), (Sizes{3}));
}

TEST(Router, KeepsTheOrderOfTasksToOneNode) {
  Home home({.credit_per_node = 3, .max_batch_tasks = 2});
  home.route(7);
  home.flush_to(1);
  home.route(2);
  for (int i = 0; i < 3; ++i) {
    home.router.on_credit(RankId(1), 3);
    home.flush_to(1);
  }
  EXPECT_EQ(home.sent_ids, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(Router, DoesNotLetOneNodesCreditHoldUpAnother) {
  Home home({.credit_per_node = 2});
  home.route(5);
  home.route(2, RankId(2));
  EXPECT_EQ(home.flush_to(1), Sizes{2});
  EXPECT_EQ(home.flush_to(2), Sizes{2});
}

TEST(Router, NeedsNoCreditForItsOwnNode) {
  Home home({.credit_per_node = 2});
  home.route(50, RankId(0));
  home.router.flush(home.local, home.failed);
  EXPECT_EQ(home.local.size(), 50u);
  EXPECT_TRUE(home.transport.sent.empty());
}

TEST(Router, SendsPinnedTasksToTheirTargetWithoutAskingThePolicy) {
  Home home;
  home.route(3, RankId(2));
  EXPECT_EQ(home.flush_to(2), Sizes{3});
  EXPECT_EQ(home.policy.placed, 0);
  EXPECT_EQ(home.router.decision_count(), 0u);
  home.route(2);
  EXPECT_EQ(home.router.decision_count(), 2u);
  EXPECT_EQ(home.cluster.node(RankId(1)).own_in_flight, 2u);
  EXPECT_EQ(home.cluster.node(RankId(2)).own_in_flight, 3u);
}

TEST(RouterDeathTest, NoticesCreditThatWasNeverGiven) {
  Home home({.credit_per_node = 10});
  EXPECT_DEATH(home.router.on_credit(RankId(1), 1), "more credit than it had");
}

TEST(RouterDeathTest, RefusesANodeThatDoesNotExist) {
  Home home;
  EXPECT_DEATH(home.route(1, RankId(3)), "a node that does not exist");
}

TEST(Router, SendsWhatTasksSubmittedBeforeTheOthers) {
  Home home({.credit_per_node = 2});
  home.route(3);
  home.route_nested(1);
  EXPECT_EQ(home.flush_to(1), Sizes{2});
  EXPECT_EQ(home.sent_ids, (std::vector<std::uint64_t>{4, 1}));
}

TEST(Router, SendsWhatTasksSubmittedInTurnWithTheOthersWhileTheCreditIsEnoughForEither) {
  Home home({.credit_per_node = 4});
  home.route(4);
  home.route_nested(4);
  EXPECT_EQ(home.flush_to(1), Sizes{4});
  EXPECT_EQ(home.sent_ids, (std::vector<std::uint64_t>{5, 1, 6, 2}));
}

TEST(Router, WhatTasksSubmittedNeedsNoCreditOfANodeThatHasGivenNoneForAWhile) {
  Home home({.credit_per_node = 2});
  home.route(3);
  EXPECT_EQ(home.flush_to(1), Sizes{2});
  home.route_nested(2);
  home.router.look(Instant(1s));
  EXPECT_EQ(home.flush_to(1), Sizes{}) << "the node may be about to give some";
  home.router.look(home.router.next_look());
  EXPECT_EQ(home.flush_to(1), Sizes{2});
  EXPECT_EQ(home.sent_flags.back(), kUncredited);
  EXPECT_EQ(home.router.next_look(), kNever);
  home.route_nested(1);
  EXPECT_EQ(home.flush_to(1), Sizes{1}) << "it is known by now";
  home.router.on_credit(RankId(1), 2);
  EXPECT_EQ(home.flush_to(1), Sizes{1});
  EXPECT_EQ(home.sent_flags.back(), 0);
  EXPECT_EQ(home.router.credit(RankId(1)), 1U);
}

TEST(Router, WaitsForCreditAgainOnceANodeHasGivenSome) {
  Home home({.credit_per_node = 1});
  home.route(1);
  home.flush_to(1);
  home.route_nested(1);
  home.router.look(Instant(1s));
  home.router.look(home.router.next_look());
  EXPECT_EQ(home.flush_to(1), Sizes{1});
  home.router.on_credit(RankId(1), 1);
  home.route_nested(2);
  home.router.look(Instant(2s));
  EXPECT_EQ(home.flush_to(1), Sizes{1});
  home.router.look(Instant(2s));
  EXPECT_EQ(home.flush_to(1), Sizes{});
  EXPECT_GT(home.router.next_look(), Instant(2s));
}

}  // namespace
}  // namespace weir
