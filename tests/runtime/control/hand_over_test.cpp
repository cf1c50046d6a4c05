#include "runtime/control/hand_over.hpp"

#include <gtest/gtest.h>

#include "tests/support/control_fakes.hpp"
#include "tests/support/finished_tasks.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Node 0 of three, with one worker; each task takes 1 ms.
struct Node {
  explicit Node(HandOverOptions options = {.asks_for_work = true})
      : desk(RankId(0), options, executor, host, cluster, transport, Random(1)) {}

  void queue(std::vector<Task> tasks) { executor.enqueue(std::move(tasks), Instant{}); }
  // What is offered to `thief` on its request.
  HandOver asked_by(int thief, std::uint32_t most = 256) {
    desk.on_request(RankId(thief), {most}, Instant{});
    return transport.take<HandOver>(thief).at(0);
  }
  std::size_t queued() { return executor.load(Instant{}).queued; }
  void report_queue(int node, std::uint32_t queued) {
    NodeReport report;
    report.node = RankId(node);
    report.sequence = ++sequence;
    report.classes = {{.queued = queued}};
    cluster.apply(report);
  }
  // The requests sent by now, by the node asked.
  std::vector<int> seek(Duration at) {
    desk.seek_work(Instant(at));
    std::vector<int> asked;
    for (int i = 0; i < 3; ++i)
      asked.insert(asked.end(), transport.take<StealRequest>(i).size(), i);
    return asked;
  }

  RecordingTransport transport{0, 3};
  ScriptedExecutor executor{RankId(0), 1, [](const TaskHeader&, RankId) { return ScriptedRun{}; }};
  SilentTelemetry telemetry;
  NodeMeter meter{RankId(0), {}, executor, telemetry};
  WorkHost host{RankId(0), {}, executor, meter, transport};
  ClusterState cluster{RankId(0), 3, 1};
  HandOverDesk desk;
  std::uint32_t sequence = 0;
};

TEST(HandOverDesk, OffersHalfOfWhatWaitsAndNoMoreThanAskedFor) {
  Node node;
  node.queue(tasks_of(0, 1, 11));  // One runs, ten wait.
  EXPECT_EQ(node.asked_by(1).tasks.size(), 5u);
  EXPECT_EQ(node.asked_by(2, 2).tasks.size(), 2u);
  EXPECT_EQ(node.queued(), 3u);
  EXPECT_EQ(node.desk.offered_task_count(), 7u);
}

TEST(HandOverDesk, AnswersWithAnEmptyOfferWhenNothingWaits) {
  Node node;
  node.queue(tasks_of(0, 1, 1));
  EXPECT_TRUE(node.asked_by(1).tasks.empty());
  EXPECT_EQ(node.desk.offered_task_count(), 0u);
}

TEST(HandOverDesk, AsksSoonAgainAfterATaskWasPlacedHereOnlyWhereTasksSplit) {
  for (const bool tasks_split : {false, true}) {
    Node node({.asks_for_work = true, .forgets_pauses = tasks_split});
    Duration at{0};
    for (int i = 0; i < 8; ++i) {  // in vain, until pauses are long
      at = node.desk.next_wakeup(Instant(at)).time_since_epoch();
      const std::vector<int> asked = node.seek(at);
      ASSERT_EQ(asked.size(), 1u);
      node.desk.on_offer(RankId(asked[0]), {}, Instant(at));
    }
    node.desk.on_placed();
    EXPECT_EQ(node.seek(at + 1ms).size(), tasks_split ? 1u : 0u);
  }
}

TEST(HandOverDesk, TellsRunningTasksThatAThiefWentAwayWithNothingUntilOneIsSubmitted) {
  Node node;
  node.queue(tasks_of(0, 1, 2));
  EXPECT_EQ(node.asked_by(1).tasks.size(), 1u);
  EXPECT_FALSE(node.executor.is_wanted());
  EXPECT_TRUE(node.asked_by(2).tasks.empty());
  EXPECT_TRUE(node.executor.is_wanted());
  node.desk.on_submitted();
  EXPECT_FALSE(node.executor.is_wanted());
}

TEST(HandOverDesk, ForgetsAThiefThatDoesNotAskAgain) {
  Node node({.longest_pause = 100ms});
  EXPECT_TRUE(node.asked_by(2).tasks.empty());
  EXPECT_TRUE(node.executor.is_wanted());
  EXPECT_EQ(node.desk.next_wakeup(Instant{}), Instant(200ms));
  node.desk.seek_work(Instant(199ms));
  EXPECT_TRUE(node.executor.is_wanted());
  node.desk.seek_work(Instant(200ms));
  EXPECT_FALSE(node.executor.is_wanted());
  EXPECT_EQ(node.desk.next_wakeup(Instant(200ms)), kNever);
}

TEST(HandOverDesk, TakesTasksBackWhenTheThiefRefusesThem) {
  Node node;
  node.queue(tasks_of(0, 1, 11));
  const HandOver offer = node.asked_by(1);
  const MovedBatch own = node.desk.on_answer(RankId(1), {offer.offer, false}, Instant{});
  EXPECT_TRUE(own.moves.empty());
  EXPECT_TRUE(node.transport.sent.empty());
  EXPECT_EQ(node.queued(), 10u);
  EXPECT_EQ(node.desk.offered_task_count(), 0u);
  EXPECT_EQ(node.desk.counts().tasks_given, 0u);
  EXPECT_EQ(node.asked_by(2).tasks.size(), 5u) << "what was refused may be offered again";
}

TEST(HandOverDesk, TellsEachHomeOfItsMovesOnceTheThiefHasAccepted) {
  Node node;
  node.queue(tasks_of(0, 1, 3));
  node.queue(tasks_of(2, 100, 4));
  const HandOver offer = node.asked_by(1, 3);
  ASSERT_EQ(offer.tasks.size(), 3u);
  EXPECT_TRUE(node.transport.take<MovedBatch>(2).empty()) << "not before the answer";
  const MovedBatch own = node.desk.on_answer(RankId(1), {offer.offer, true}, Instant{});
  EXPECT_TRUE(own.moves.empty());
  const auto told = node.transport.take<MovedBatch>(2);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].owner, RankId(1));
  EXPECT_EQ(told[0].moves.size(), 3u);
  EXPECT_EQ(node.queued(), 3u);
  EXPECT_EQ(node.desk.counts().tasks_given, 3u);
}

TEST(HandOverDesk, ReturnsTheMovesOfItsOwnHome) {
  Node node;
  node.queue(tasks_of(0, 1, 3));
  const HandOver offer = node.asked_by(1, 1);
  const MovedBatch own = node.desk.on_answer(RankId(1), {offer.offer, true}, Instant{});
  ASSERT_EQ(own.moves.size(), 1u);
  EXPECT_EQ(own.moves[0].id, offer.tasks[0].header.id);
  EXPECT_EQ(own.owner, RankId(1));
  EXPECT_TRUE(node.transport.sent.empty());
}

TEST(HandOverDesk, NeverOffersPinnedTasksNorThoseThatHaveMovedBefore) {
  Node node;
  node.queue(tasks_of(0, 1, 1));
  std::vector<Task> pinned = tasks_of(0, 10, 4);
  for (Task& task : pinned) task.header.flags = kPinned;
  node.queue(std::move(pinned));
  node.host.accept_handed_over(tasks_of(2, 20, 4), Instant{});
  EXPECT_TRUE(node.asked_by(1).tasks.empty());
}

TEST(HandOverDesk, EndsTheAttemptOfATaskThatCannotBeSerializedAndOffersTheOthers) {
  Node node;
  std::vector<Task> tasks = tasks_of(0, 1, 7);  // One runs, six wait.
  tasks[5].payload = Payload(std::make_shared<Unserializable>());
  node.queue(std::move(tasks));
  const std::vector<TaskEnd> failed = node.desk.on_request(RankId(1), {256}, Instant{});
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].id, TaskId(6));
  EXPECT_EQ(failed[0].status, TaskStatus::kFailed);
  EXPECT_EQ(failed[0].result, bytes_of("std::range_error: too wide"));
  EXPECT_EQ(node.transport.take<HandOver>(1).at(0).tasks.size(), 2u);
  EXPECT_EQ(node.queued(), 3u);
  EXPECT_EQ(node.desk.offered_task_count(), 2u);
}

std::vector<std::uint64_t> ids_of(const std::vector<Task>& tasks) {
  std::vector<std::uint64_t> ids;
  for (const Task& task : tasks) ids.push_back(task.header.id.value());
  return ids;
}

std::vector<Task> with_payload(std::vector<Task> tasks, const Payload& payload) {
  for (Task& task : tasks) task.payload = payload;
  return tasks;
}

TEST(HandOverDesk, ClosesAnOfferOnceItsPayloadsHaveReachedTheBytes) {
  for (const Payload& payload :
       {Payload(Bytes(400)), Payload(std::make_shared<Object>())}) {  // 400 bytes, too.
    Node node({.max_bytes = 1000});
    node.queue(with_payload(tasks_of(0, 1, 41), payload));  // One runs, forty wait.
    EXPECT_EQ(ids_of(node.asked_by(1).tasks), (std::vector<std::uint64_t>{39, 40, 41}));
    EXPECT_EQ(ids_of(node.asked_by(2).tasks), (std::vector<std::uint64_t>{36, 37, 38}))
        << "what was too much is queued in its order";
    EXPECT_EQ(node.queued(), 34u);
    EXPECT_EQ(node.desk.offered_task_count(), 6u);
  }
}

TEST(HandOverDesk, OffersATaskThatIsLargerThanTheBytes) {
  Node node({.max_bytes = 1000});
  node.queue(with_payload(tasks_of(0, 1, 9), Payload(Bytes(1 << 20))));
  EXPECT_EQ(node.asked_by(1).tasks.size(), 1u);
  EXPECT_EQ(node.queued(), 7u);
}

TEST(HandOverDesk, OffersManySmallTasksInTheOrderInWhichTheyWouldRun) {
  Node node;
  node.queue(tasks_of(0, 1, 101));
  const std::vector<std::uint64_t> ids = ids_of(node.asked_by(1).tasks);
  ASSERT_EQ(ids.size(), 50u);
  for (std::uint64_t i = 0; i < 50; ++i) EXPECT_EQ(ids[i], 52 + i);
}

TEST(HandOverDesk, OffersBytesInPlaceOfObjects) {
  Node node;
  std::vector<Task> tasks = tasks_of(0, 1, 3);
  for (Task& task : tasks) task.payload = Payload(std::make_shared<Object>());
  node.queue(std::move(tasks));
  const HandOver offer = node.asked_by(1);
  ASSERT_EQ(offer.tasks.size(), 1u);
  EXPECT_EQ(offer.tasks[0].payload.bytes().size(), 400u);
}

TEST(HandOverDesk, TakesAnOfferWhileItIsIdle) {
  Node node;
  node.seek(0s);
  node.desk.on_offer(RankId(1), {7, tasks_of(2, 1, 5)}, Instant{});
  const auto answers = node.transport.take<HandOverAnswer>(1);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].offer, 7u);
  EXPECT_TRUE(answers[0].accepted);
  EXPECT_EQ(node.desk.counts().tasks_received, 5u);
  EXPECT_EQ(node.queued(), 4u);
}

TEST(HandOverDesk, RefusesAnOfferWhenItFoundOtherWorkMeanwhile) {
  Node node;
  node.seek(0s);
  node.queue(tasks_of(0, 100, 1));
  node.desk.on_offer(RankId(1), {7, tasks_of(2, 1, 5)}, Instant{});
  const auto answers = node.transport.take<HandOverAnswer>(1);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_FALSE(answers[0].accepted);
  EXPECT_EQ(node.desk.counts().tasks_received, 0u);
  EXPECT_EQ(node.queued(), 0u);
}

TEST(HandOverDesk, AsksTheNodeWithTheLongestQueue) {
  Node node;
  node.report_queue(1, 3);
  node.report_queue(2, 8);
  EXPECT_EQ(node.seek(0s), std::vector<int>{2});
}

TEST(HandOverDesk, AsksAnyOtherNodeWhenNoQueueIsKnown) {
  Node node({.asks_for_work = true, .first_pause = 1ns, .longest_pause = 1ns});
  int asked[3] = {};
  for (int i = 0; i < 100; ++i) {
    const auto victims = node.seek(i * 1ms);
    ASSERT_EQ(victims.size(), 1u);
    ++asked[victims[0]];
    node.desk.on_offer(RankId(victims[0]), {}, Instant(i * 1ms));
  }
  EXPECT_EQ(asked[0], 0);
  EXPECT_GT(asked[1], 20);
  EXPECT_GT(asked[2], 20);
}

TEST(HandOverDesk, AsksOnceAtATimeAndOnlyWhileAWorkerIsIdle) {
  Node node;
  EXPECT_EQ(node.seek(0s).size(), 1u);
  EXPECT_EQ(node.desk.next_wakeup(Instant{}), kNever);
  EXPECT_TRUE(node.seek(1s).empty()) << "a request is under way";
  Node busy;
  busy.queue(tasks_of(0, 1, 1));
  EXPECT_TRUE(busy.seek(0s).empty());
  EXPECT_EQ(busy.desk.next_wakeup(Instant{}), kNever);
  Node content({.asks_for_work = false});
  EXPECT_TRUE(content.seek(0s).empty());
}

TEST(HandOverDesk, DoublesItsPauseAfterEveryEmptyOfferUpToTheLongest) {
  Node node({.asks_for_work = true, .first_pause = 1ms, .longest_pause = 5ms});
  Duration now{0};
  for (const Duration pause : {1ms, 2ms, 4ms, 5ms, 5ms}) {
    ASSERT_EQ(node.seek(now).size(), 1u);
    node.desk.on_offer(RankId(1), {}, Instant(now));
    EXPECT_EQ(node.desk.next_wakeup(Instant(now)), Instant(now + pause));
    EXPECT_TRUE(node.seek(now + pause - 1ns).empty());
    now += pause;
  }
}

TEST(HandOverDesk, ForgetsItsPauseOnceAnOfferBroughtWork) {
  Node node({.asks_for_work = true, .first_pause = 1ms, .longest_pause = 64ms});
  for (const Duration at : {0ms, 10ms, 20ms, 30ms}) {
    node.seek(at);
    node.desk.on_offer(RankId(1), {}, Instant(at));
  }
  node.seek(50ms);
  node.desk.on_offer(RankId(1), {.offer = 1, .tasks = tasks_of(2, 1, 1)}, Instant(50ms));
  std::vector<TaskEnd> ended;
  node.executor.take_ended(Instant(60ms), ended);
  ASSERT_EQ(node.seek(60ms).size(), 1u);
  node.desk.on_offer(RankId(1), {}, Instant(60ms));
  EXPECT_EQ(node.desk.next_wakeup(Instant(60ms)), Instant(61ms));
}

// So that the node knows what a task takes here: 1 ms.
void measure(Node& node) {
  for (int i = 0; i < 4; ++i) node.meter.on_ended(ClassId(0), 1ms);
}

TEST(HandOverDesk, OffersWhatAnOrderSaysAndTellsHowLongItWouldWait) {
  Node node;
  measure(node);
  node.queue(tasks_of(0, 1, 11));  // One runs, ten wait.
  EXPECT_TRUE(node.desk.on_order({5, RankId(2), ClassId(0), 4}, Instant{}).empty());
  const auto offers = node.transport.take<MoveOffer>(2);
  ASSERT_EQ(offers.size(), 1u);
  EXPECT_EQ(ids_of(offers[0].tasks), (std::vector<std::uint64_t>{8, 9, 10, 11}));
  EXPECT_EQ(offers[0].wait_left, 6ms);
  EXPECT_EQ(offers[0].end_there, 11ms);
  EXPECT_EQ(offers[0].service, 1ms);
  EXPECT_TRUE(node.desk.take_done().empty()) << "not before the answer";
  EXPECT_EQ(node.desk.on_answer(RankId(2), {offers[0].offer, true}, Instant(3ms)).moves.size(), 4u);
  const std::vector<MoveDone> done = node.desk.take_done();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].number, 5u);
  EXPECT_EQ(done[0].moved, 4u);
  EXPECT_EQ(done[0].took, 3ms);
  EXPECT_GT(done[0].bytes, 0u);
  EXPECT_EQ(node.desk.counts().bytes_given, done[0].bytes);
}

TEST(HandOverDesk, TellsThatNothingMovedWhereItHasNothingOrTheReceiverRefused) {
  Node node;
  measure(node);
  node.desk.on_order({5, RankId(2), ClassId(0), 4}, Instant{});
  node.desk.on_order({6, RankId(0), ClassId(0), 4}, Instant{});
  for (const MoveDone& done : node.desk.take_done()) EXPECT_EQ(done.moved, 0u);
  EXPECT_TRUE(node.transport.take<MoveOffer>(2).empty());
  node.queue(tasks_of(0, 1, 11));
  node.desk.on_order({7, RankId(2), ClassId(0), 4}, Instant{});
  const auto offer = node.transport.take<MoveOffer>(2).at(0);
  node.desk.on_answer(RankId(2), {offer.offer, false}, Instant{});
  ASSERT_EQ(node.desk.take_done().size(), 1u);
  EXPECT_EQ(node.queued(), 10u);
  EXPECT_EQ(node.desk.counts().offers_refused, 1u);
}

bool takes_offer_of(Node& node, MoveOffer offer) {
  const auto count = static_cast<int>(offer.tasks.size());
  node.desk.on_move_offer(RankId(1), std::move(offer), Instant{});
  const bool accepted = node.transport.take<HandOverAnswer>(1).at(0).accepted;
  EXPECT_EQ(node.desk.counts().tasks_received, accepted ? static_cast<unsigned>(count) : 0u);
  return accepted;
}

TEST(HandOverDesk, TakesWhatItWasOfferedOnlyIfItThenIsNoWorseOffThanTheSender) {
  for (const auto& [left, expected] :
       {std::pair<Duration, bool>{5ms, true}, std::pair<Duration, bool>{3ms, false}}) {
    Node node;
    measure(node);
    // One of five starts at once, four wait for 1 ms each.
    EXPECT_EQ(takes_offer_of(node, {7, tasks_of(1, 1, 5), left, 1s, 1ms}), expected);
  }
}

TEST(HandOverDesk, TakesNothingThatWouldEndSoonerWhereItWas) {
  Node node;
  node.meter.on_ended(ClassId(0), 50ms);
  EXPECT_FALSE(takes_offer_of(node, {7, tasks_of(1, 1, 1), 1s, 40ms, 10ms}));
  Node unmeasured;
  EXPECT_TRUE(takes_offer_of(unmeasured, {7, tasks_of(1, 1, 1), 1s, 40ms, 10ms}))
      << "it takes the sender's word for what a task takes";
}

TEST(HandOverDesk, FollowsAHintOnceWhenItIsIdle) {
  Node node({.asks_for_work = false});
  EXPECT_TRUE(node.seek(0s).empty());
  node.desk.on_hint({3, RankId(2), 4, 50ms}, Instant{});
  EXPECT_EQ(node.desk.next_wakeup(Instant{}), Instant{});
  node.desk.seek_work(Instant(1ms));
  const auto requests = node.transport.take<StealRequest>(2);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].most, 4u);
  node.desk.on_offer(RankId(2), {.offer = 1, .tasks = tasks_of(2, 1, 1)}, Instant(4ms));
  const std::vector<MoveDone> done = node.desk.take_done();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].number, 3u);
  EXPECT_EQ(done[0].took, 3ms);
  std::vector<TaskEnd> ended;
  node.executor.take_ended(Instant(60ms), ended);
  EXPECT_TRUE(node.seek(60ms).empty()) << "a hint is good for one request";
}

TEST(HandOverDesk, ForgetsAHintWhenItsTimeIsOver) {
  Node node({.asks_for_work = false});
  node.desk.on_hint({3, RankId(2), 4, 50ms}, Instant{});
  EXPECT_TRUE(node.seek(50ms).empty());
  EXPECT_EQ(node.desk.next_wakeup(Instant(50ms)), kNever);
}

TEST(HandOverDeskDeathTest, NoticesAnAnswerToAnOfferItDidNotMake) {
  Node node;
  node.queue(tasks_of(0, 1, 5));
  const HandOver offer = node.asked_by(1);
  EXPECT_DEATH(node.desk.on_answer(RankId(2), {offer.offer, true}, Instant{}), "was not made");
  node.desk.on_answer(RankId(1), {offer.offer, true}, Instant{});
  EXPECT_DEATH(node.desk.on_answer(RankId(1), {offer.offer, true}, Instant{}), "was not made");
}

}  // namespace
}  // namespace weir
