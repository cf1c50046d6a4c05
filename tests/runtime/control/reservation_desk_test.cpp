#include "runtime/control/reservation_desk.hpp"

#include <gtest/gtest.h>

#include "tests/support/control_fakes.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

ReservationBatch reserved(std::uint64_t first_id, int count = 1) {
  ReservationBatch batch;
  for (int i = 0; i < count; ++i) {
    batch.reservations.push_back({TaskId(first_id + static_cast<std::uint64_t>(i)), 1});
  }
  return batch;
}

using Ids = std::vector<std::uint64_t>;

Ids ids_of(const std::vector<Reservation>& reservations) {
  Ids ids;
  for (const Reservation& one : reservations) ids.push_back(one.task.value());
  return ids;
}

// Node 0 of three ranks, with two workers; each task takes 1 ms.
struct Node {
  // Asks, and says what was asked of `home`.
  Ids asks(int home, Duration at = 0ms) {
    const TaskRequest own = desk.ask(Instant(at));
    if (home == 0) return ids_of(own.wanted);
    EXPECT_TRUE(own.wanted.empty());
    Ids ids;
    for (const TaskRequest& request : transport.take<TaskRequest>(home)) {
      const Ids more = ids_of(request.wanted);
      ids.insert(ids.end(), more.begin(), more.end());
    }
    return ids;
  }
  // The answer to a request: so many tasks, which start, and so many that are gone.
  void answered(int home, int tasks, int gone, Duration at = 0ms) {
    RequestAnswer answer{tasks_of(home, 1000, tasks), {}};
    answer.gone.resize(static_cast<std::size_t>(gone));
    desk.on_answer(RankId(home), answer);
    executor.enqueue(std::move(answer.tasks), Instant(at));
  }
  void finish(Duration at) {
    std::vector<TaskEnd> ended;
    executor.take_ended(Instant(at), ended);
  }
  std::uint32_t running() { return executor.load(Instant{}).running; }

  RecordingTransport transport{0, 3};
  ScriptedExecutor executor{RankId(0), 2, [](const TaskHeader&, RankId) { return ScriptedRun{}; }};
  ReservationDesk desk{RankId(0), {.patience = 50ms}, executor, transport};
};

TEST(ReservationDesk, AsksForAsManyTasksAsWorkersAreFree) {
  Node node;
  node.desk.add(RankId(1), reserved(1, 5));
  EXPECT_EQ(node.asks(1), (Ids{1, 2}));
  EXPECT_EQ(node.asks(1), Ids{}) << "both workers are kept for the answers";
  node.answered(1, 1, 1);
  EXPECT_EQ(node.running(), 1u);
  EXPECT_EQ(node.asks(1), Ids{3}) << "one was gone";
  node.answered(1, 1, 0);
  EXPECT_EQ(node.asks(1), Ids{});
  node.finish(1ms);
  EXPECT_EQ(node.asks(1, 1ms), (Ids{4, 5}));
  EXPECT_EQ(node.desk.asked_count(), 2u);
}

TEST(ReservationDesk, AsksTheHomesInTheOrderOfTheLine) {
  Node node;
  node.desk.add(RankId(2), reserved(7));
  node.desk.add(RankId(1), reserved(1));
  node.desk.add(RankId(2), reserved(8));
  EXPECT_EQ(node.asks(1), Ids{1});
  const auto to_2 = node.transport.take<TaskRequest>(2);
  ASSERT_EQ(to_2.size(), 1u);
  EXPECT_EQ(ids_of(to_2[0].wanted), Ids{7});
  EXPECT_EQ(node.desk.in_line(), 1u);
}

TEST(ReservationDesk, ReturnsWhatItAsksOfItsOwnHome) {
  Node node;
  node.desk.add(RankId(0), reserved(1, 3));
  EXPECT_EQ(node.asks(0), (Ids{1, 2}));
  EXPECT_TRUE(node.transport.sent.empty());
  node.answered(0, 2, 0);
  EXPECT_EQ(node.asks(0), Ids{});
}

TEST(ReservationDesk, DoesNotAskForWhatWasCancelledInLine) {
  Node node;
  node.desk.add(RankId(1), reserved(1, 4));
  node.desk.cancel(RankId(1), {{{TaskId(1), 1}, {TaskId(3), 1}}});
  EXPECT_EQ(node.asks(1), (Ids{2, 4}));
}

TEST(ReservationDesk, PassesOverACancellationThatCrossedWithTheRequest) {
  Node node;
  node.desk.add(RankId(1), reserved(1));
  EXPECT_EQ(node.asks(1), Ids{1});
  node.desk.cancel(RankId(1), {{{TaskId(1), 1}}});
  EXPECT_EQ(node.desk.asked_count(), 1u) << "the answer is still to come";
  node.answered(1, 0, 1);
  EXPECT_EQ(node.desk.asked_count(), 0u);
}

TEST(ReservationDesk, KeepsAttemptsAndHomesApart) {
  Node node;
  node.desk.add(RankId(1), reserved(1));
  node.desk.add(RankId(1), {{{TaskId(1), 2}}});
  node.desk.add(RankId(2), reserved(1));
  node.desk.cancel(RankId(1), {{{TaskId(1), 1}}});
  EXPECT_EQ(node.desk.in_line(), 2u);
  EXPECT_EQ(node.asks(1), Ids{1});
  EXPECT_EQ(node.transport.take<TaskRequest>(2).size(), 1u);
}

TEST(ReservationDesk, RunsBoundTasksAtOnceWhereThereIsNoLine) {
  Node node;
  node.desk.enqueue(tasks_of(1, 50, 3), Instant{});
  EXPECT_EQ(node.running(), 2u);
  EXPECT_EQ(node.desk.in_line(), 0u);
}

TEST(ReservationDesk, ServesReservationsAndBoundTasksFirstComeFirstServed) {
  Node node;
  node.desk.enqueue(tasks_of(1, 50, 2), Instant{});
  node.desk.add(RankId(1), reserved(1));
  node.desk.enqueue(tasks_of(1, 60, 1), Instant{});
  node.desk.add(RankId(1), reserved(2));
  EXPECT_EQ(node.asks(1), Ids{});
  EXPECT_EQ(node.desk.in_line(), 3u);
  node.finish(1ms);
  EXPECT_EQ(node.asks(1, 1ms), Ids{1}) << "the bound task has the other worker";
  EXPECT_EQ(node.running(), 1u);
  EXPECT_EQ(node.desk.in_line(), 1u);
}

TEST(ReservationDesk, PassesOnHalfOfItsTailAndNoneTwice) {
  Node victim;
  victim.desk.enqueue(tasks_of(1, 50, 2), Instant{});
  victim.desk.add(RankId(1), reserved(1, 5));
  EXPECT_EQ(victim.desk.pass_on(2).size(), 2u);
  const auto passed = victim.desk.pass_on(100);
  ASSERT_EQ(passed.size(), 2u);
  EXPECT_EQ(passed[0].reservation.task, TaskId(2));
  EXPECT_EQ(passed[1].reservation.task, TaskId(3));
  EXPECT_EQ(victim.desk.in_line(), 1u);
  victim.desk.cancel(RankId(1), {{{TaskId(3), 1}}});
  EXPECT_EQ(victim.desk.in_line(), 1u) << "what has left is not cancelled here";

  Node thief;
  thief.desk.add(RankId(1), reserved(2));
  thief.desk.add_passed_on(passed);
  EXPECT_EQ(thief.desk.in_line(), 2u) << "task 2 had its place already";
  EXPECT_EQ(thief.desk.pass_on(100).size(), 1u);
  EXPECT_TRUE(thief.desk.pass_on(100).empty());
  EXPECT_EQ(thief.asks(1), Ids{3});
}

TEST(ReservationDesk, FreesTheWorkersKeptForAHomeThatDoesNotAnswer) {
  Node node;
  node.desk.add(RankId(1), reserved(1, 2));
  node.desk.add(RankId(2), reserved(7, 2));
  EXPECT_EQ(node.asks(1), (Ids{1, 2}));
  EXPECT_EQ(node.asks(2, 10ms), Ids{});
  EXPECT_EQ(node.desk.next_wakeup(Instant(10ms)), Instant(50ms));
  EXPECT_EQ(node.asks(2, 50ms), (Ids{7, 8}));
  node.answered(2, 2, 0, 50ms);
  node.answered(1, 2, 0, 60ms);
  EXPECT_EQ(node.running(), 2u);
  EXPECT_EQ(node.executor.load(Instant{}).queued, 2u) << "late answers wait for a worker";
  EXPECT_EQ(node.desk.asked_count(), 0u);
}

TEST(ReservationDesk, LetsTheOthersPassAHomeThatDoesNotAnswerUntilItDoes) {
  Node node;
  node.desk.add(RankId(1), reserved(1, 5));
  node.desk.add(RankId(2), reserved(7, 3));
  EXPECT_EQ(node.asks(1), (Ids{1, 2}));
  EXPECT_EQ(node.asks(2, 50ms), (Ids{7, 8})) << "not those of home 1 that are before them";
  EXPECT_EQ(node.desk.in_line(), 4u);
  node.desk.cancel(RankId(1), {{{TaskId(4), 1}}});
  EXPECT_EQ(node.desk.in_line(), 3u);
  node.answered(2, 0, 2, 60ms);
  node.answered(1, 0, 2, 60ms);
  EXPECT_EQ(node.asks(1, 60ms), (Ids{3, 5})) << "before that of home 2";
  EXPECT_EQ(node.desk.in_line(), 1u);
}

TEST(ReservationDeskDeathTest, RefusesAnAnswerThatItDidNotAskFor) {
  Node node;
  node.desk.add(RankId(1), reserved(1));
  node.asks(1);
  EXPECT_DEATH(node.answered(2, 1, 0), "an answer to a request that was not made");
}

}  // namespace
}  // namespace weir
