#include "runtime/protocol/codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr Instant kSent{10s};
constexpr Instant kReceived{500s};  // another clock: only durations may cross

std::vector<Bytes> received(const EncodedMessage& encoded) {
  std::vector<Bytes> attachments;
  for (const Payload& payload : encoded.attachments) {
    attachments.emplace_back(payload.bytes().begin(), payload.bytes().end());
  }
  return attachments;
}

template <typename T>
T over_the_wire(const T& message) {
  const EncodedMessage encoded = encode(message, 3, kSent);
  const auto envelope = decode(RankId(5), encoded.head, received(encoded), kReceived);
  EXPECT_TRUE(envelope.has_value());
  EXPECT_EQ(envelope->from, RankId(5));
  EXPECT_EQ(envelope->membership, 3u);
  return std::get<T>(envelope->message);
}

Bytes bytes_of_size(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 31);
  return bytes;
}

Task task_with_payload(std::size_t size) {
  Task task;
  task.header.id = TaskId(77);
  task.header.attempt = 2;
  task.header.kind = KindId(4);
  task.header.task_class = ClassId(2);
  task.header.flags = kPinned | kNoRerun;
  task.header.depth = kMostDepth;
  task.header.home = RankId(1);
  task.header.arrival = kSent - 3s;
  task.header.deadline = kSent + 7s;
  task.header.key = 99;
  task.header.memory_bytes = 1 << 30;
  if (size > 0) task.payload = Payload(bytes_of_size(size));
  return task;
}

struct Greeting final : PayloadObject {
  Bytes serialize() const override { return bytes_of_size(5); }
};

TEST(Codec, CarriesEveryFieldOfATask) {
  const auto batch = over_the_wire(TaskBatch{{task_with_payload(100)}});
  ASSERT_EQ(batch.tasks.size(), 1u);
  const Task& task = batch.tasks[0];
  EXPECT_EQ(task.header.id, TaskId(77));
  EXPECT_EQ(task.header.attempt, 2u);
  EXPECT_EQ(task.header.kind, KindId(4));
  EXPECT_EQ(task.header.task_class, ClassId(2));
  EXPECT_EQ(task.header.flags, kPinned | kNoRerun);
  EXPECT_EQ(task.header.depth, kMostDepth);
  EXPECT_EQ(task.header.home, RankId(1));
  EXPECT_EQ(task.header.key, 99u);
  EXPECT_EQ(task.header.memory_bytes, 1u << 30);
  EXPECT_TRUE(std::ranges::equal(task.payload.bytes(), bytes_of_size(100)));
}

TEST(Codec, TurnsInstantsIntoDurationsSoThatClocksNeedNotAgree) {
  const auto batch = over_the_wire(TaskBatch{{task_with_payload(0)}});
  EXPECT_EQ(batch.tasks[0].header.arrival, kReceived - 3s);
  EXPECT_EQ(batch.tasks[0].header.deadline, kReceived + 7s);
  Task no_deadline = task_with_payload(0);
  no_deadline.header.deadline = kNever;
  EXPECT_EQ(over_the_wire(TaskBatch{{no_deadline}}).tasks[0].header.deadline, kNever);
}

TEST(Codec, BringsAFarewellAsItWas) {
  for (const bool waits : {false, true}) {
    const Farewell farewell = over_the_wire(Farewell{7, waits, RankId(3), !waits});
    EXPECT_EQ(farewell.ended_epochs, 7U);
    EXPECT_EQ(farewell.waits, waits);
    EXPECT_EQ(farewell.first, RankId(3));
    EXPECT_EQ(farewell.first_was_thrown_out, !waits);
  }
}

TEST(Codec, LeavesLargePayloadsOutsideTheHead) {
  const TaskBatch batch{{task_with_payload(10), task_with_payload(70'000), task_with_payload(0),
                         task_with_payload(kAttachmentBytes)}};
  const EncodedMessage encoded = encode(batch, 1, kSent);
  ASSERT_EQ(encoded.attachments.size(), 2u);
  EXPECT_LT(encoded.head.size(), 500u);
  EXPECT_EQ(attachment_sizes(encoded.head), (std::vector<std::size_t>{70'000, kAttachmentBytes}));
  const auto copy = over_the_wire(batch);
  for (std::size_t i = 0; i < batch.tasks.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(copy.tasks[i].payload.bytes(), batch.tasks[i].payload.bytes()));
  }
}

TEST(Codec, SerializesAnObjectOnlyWhenItLeavesTheRank) {
  Task task = task_with_payload(0);
  task.payload = Payload(std::make_shared<Greeting>());
  ASSERT_TRUE(task.payload.is_object());
  const auto copy = over_the_wire(TaskBatch{{task}});
  EXPECT_FALSE(copy.tasks[0].payload.is_object());
  EXPECT_TRUE(std::ranges::equal(copy.tasks[0].payload.bytes(), bytes_of_size(5)));
}

TEST(Codec, CarriesEndsWithResultsAndErrors) {
  const TaskEnd end{.id = TaskId(8),
                    .attempt = 3,
                    .status = TaskStatus::kFailed,
                    .task_class = ClassId(1),
                    .home = RankId(2),
                    .waited = 4ms,
                    .service = 5ms,
                    .result = bytes_of_size(9)};
  const auto batch = over_the_wire(EndBatch{{end, {}}});
  ASSERT_EQ(batch.ends.size(), 2u);
  EXPECT_EQ(batch.ends[0].id, TaskId(8));
  EXPECT_EQ(batch.ends[0].status, TaskStatus::kFailed);
  EXPECT_EQ(batch.ends[0].waited, 4ms);
  EXPECT_EQ(batch.ends[0].service, 5ms);
  EXPECT_EQ(batch.ends[0].result, bytes_of_size(9));
  EXPECT_EQ(batch.ends[1].result.size(), 0u);
}

TEST(Codec, LeavesLargeResultsOutsideTheHead) {
  EndBatch batch;
  for (const std::size_t size : {std::size_t{10}, std::size_t{70'000}, kAttachmentBytes - 1,
                                 std::size_t{0}, kAttachmentBytes}) {
    batch.ends.push_back({.id = TaskId(size), .result = bytes_of_size(size)});
  }
  const EncodedMessage encoded = encode(batch, 1, kSent);
  EXPECT_LT(encoded.head.size(), kAttachmentBytes + 500);
  EXPECT_EQ(attachment_sizes(encoded.head), (std::vector<std::size_t>{70'000, kAttachmentBytes}));
  const auto copy = over_the_wire(batch);
  ASSERT_EQ(copy.ends.size(), batch.ends.size());
  for (std::size_t i = 0; i < batch.ends.size(); ++i) {
    EXPECT_EQ(copy.ends[i].id, batch.ends[i].id);
    EXPECT_EQ(copy.ends[i].result, batch.ends[i].result);
  }
}

TEST(Codec, SendsALargeResultFromWhereItLies) {
  EndBatch batch{{{.result = bytes_of_size(70'000)}}};
  const std::byte* place = batch.ends[0].result.data();
  const EncodedMessage encoded = encode(std::move(batch), 1, kSent);
  ASSERT_EQ(encoded.attachments.size(), 1u);
  EXPECT_EQ(encoded.attachments[0].bytes().data(), place);
}

TEST(Codec, KeepsAbsentTelemetryAbsent) {
  NodeReport report;
  report.node = RankId(3);
  report.sequence = 12;
  report.made = kSent - 40ms;
  report.classes = {
      {.queued = 1, .running = 2, .arrived = 3, .completed = 4, .mean_service_s = 0.5, .limit = 15},
      {.running = 70'000}};
  report.telemetry.cpu_utilization = 0.25;
  const auto view = over_the_wire(MergedView{{report, report}});
  ASSERT_EQ(view.reports.size(), 2u);
  EXPECT_EQ(view.reports[1].made, kReceived - 40ms);
  EXPECT_EQ(view.reports[1].classes.size(), 2u);
  EXPECT_EQ(view.reports[1].classes[0].queued, 1u);
  EXPECT_EQ(view.reports[1].classes[0].running, 2u);
  EXPECT_EQ(view.reports[1].classes[0].arrived, 3u);
  EXPECT_EQ(view.reports[1].classes[0].completed, 4u);
  EXPECT_EQ(view.reports[1].classes[0].mean_service_s, 0.5);
  EXPECT_EQ(view.reports[1].classes[0].limit, 15u);
  EXPECT_EQ(view.reports[1].classes[1].running, 65535u) << "the most that a report says";
  EXPECT_EQ(view.reports[1].telemetry.cpu_utilization, 0.25);
  EXPECT_FALSE(view.reports[1].telemetry.cpu_pressure.has_value());
}

TEST(Codec, CarriesTheSmallMessages) {
  EXPECT_EQ(over_the_wire(CreditReturn{7}).task_count, 7u);
  EXPECT_EQ(over_the_wire(StealRequest{9}).most, 9u);
  EXPECT_EQ(over_the_wire(HandOver{4, {task_with_payload(3)}}).tasks.size(), 1u);
  EXPECT_TRUE(over_the_wire(HandOverAnswer{4, true}).accepted);
  EXPECT_EQ(over_the_wire(MovedBatch{RankId(2), {{TaskId(5), 1}}}).moves[0].id, TaskId(5));
  EXPECT_EQ(over_the_wire(CountRequest{1, 2}).round, 2u);
  const auto counts = over_the_wire(CountAnswer{1, 2, 30, 29, true});
  EXPECT_EQ(counts.submitted, 30u);
  EXPECT_EQ(counts.completed, 29u);
  EXPECT_TRUE(counts.exhausted);
  EXPECT_EQ(over_the_wire(EpochEnd{6}).epoch, 6u);
  const auto answer = over_the_wire(ProbeAnswer{17, 4, 3ms});
  EXPECT_EQ(answer.in_flight, 17u);
  EXPECT_EQ(answer.worker_count, 4u);
  EXPECT_EQ(answer.latency, 3ms);
  over_the_wire(Probe{});
  over_the_wire(IdleToken{});
  over_the_wire(StopAdmission{});
  const auto directive = over_the_wire(
      Directive{500ms, {{1, 2.5F, 0}, {}, {3}}, {0.5F, 0, 8}, {{0.1F, 0, -0.5F}, {}}});
  EXPECT_EQ(directive.lifetime, 500ms);
  EXPECT_EQ(directive.weights, (std::vector<std::vector<float>>{{1, 2.5F, 0}, {}, {3}}));
  EXPECT_EQ(directive.prices, (std::vector<float>{0.5F, 0, 8}));
  EXPECT_EQ(directive.log_prices, (std::vector<std::vector<float>>{{0.1F, 0, -0.5F}, {}}));
}

EntryCluster some_entries() {
  EntryNode node{.report = {}, .weights = {1, 0.5F}, .price = 0.25F, .log_prices = {0, -0.25F}};
  node.report.node = RankId(7);
  node.report.made = kSent - 40ms;
  node.report.classes = {{.queued = 1}, {.queued = 2}};
  return {.cluster = RankId(5), .shares = {0.5F, 1}, .nodes = {node, node}, .stands_for = 64};
}

TEST(Codec, CarriesTheMessagesOfTheTree) {
  const auto prices = over_the_wire(Directive{500ms, {{1}}, {0.5F, 2}}).prices;
  EXPECT_EQ(prices, (std::vector<float>{0.5F, 2}));

  const ClassLoad load{.queued = 300,
                       .running = 127,
                       .arrived = 1ull << 40,
                       .completed = 128,
                       .mean_service_s = 0.5};
  const auto report = over_the_wire(SubtreeReport{.sequence = 9,
                                                  .made = kSent - 40ms,
                                                  .worker_count = 1600,
                                                  .speed = 1.5F,
                                                  .busy_share = 0.5F,
                                                  .class_count = 3,
                                                  .changed = {{ClassId(2), load}}});
  EXPECT_EQ(report.sequence, 9u);
  EXPECT_EQ(report.made, kReceived - 40ms);
  EXPECT_EQ(report.worker_count, 1600u);
  EXPECT_EQ(report.speed, 1.5F);
  EXPECT_EQ(report.class_count, 3);
  ASSERT_EQ(report.changed.size(), 1u);
  EXPECT_EQ(report.changed[0].task_class, ClassId(2));
  EXPECT_EQ(report.changed[0].load.queued, 300u);
  EXPECT_EQ(report.changed[0].load.running, 127u);
  EXPECT_EQ(report.changed[0].load.arrived, 1ull << 40);
  EXPECT_EQ(report.changed[0].load.completed, 128u);
  EXPECT_EQ(report.changed[0].load.mean_service_s, 0.5);

  const auto outlook = over_the_wire(Outlook{300ms, {0.25F}, {some_entries()}});
  EXPECT_EQ(outlook.lifetime, 300ms);
  EXPECT_EQ(outlook.own_shares, std::vector<float>{0.25F});
  const auto entries = over_the_wire(EntryNodes{{some_entries(), some_entries()}});
  ASSERT_EQ(entries.clusters.size(), 2u);
  for (const EntryCluster& cluster : {outlook.others.at(0), entries.clusters[1]}) {
    EXPECT_EQ(cluster.cluster, RankId(5));
    EXPECT_EQ(cluster.shares, (std::vector<float>{0.5F, 1}));
    ASSERT_EQ(cluster.nodes.size(), 2u);
    EXPECT_EQ(cluster.nodes[1].report.node, RankId(7));
    EXPECT_EQ(cluster.nodes[1].report.made, kReceived - 40ms);
    EXPECT_EQ(cluster.nodes[1].report.classes[1].queued, 2u);
    EXPECT_EQ(cluster.nodes[1].weights, (std::vector<float>{1, 0.5F}));
    EXPECT_EQ(cluster.nodes[1].price, 0.25F);
    EXPECT_EQ(cluster.nodes[1].log_prices, (std::vector<float>{0, -0.25F}));
  }
}

TEST(Codec, CarriesTheMessagesOfMigration) {
  const auto order = over_the_wire(MoveOrder{7, RankId(3), ClassId(2), 40});
  EXPECT_EQ(order.number, 7u);
  EXPECT_EQ(order.to, RankId(3));
  EXPECT_EQ(order.task_class, ClassId(2));
  EXPECT_EQ(order.count, 40u);

  Task task;
  task.header.id = TaskId(5);
  const auto offer = over_the_wire(MoveOffer{9, {task}, 4ms, 10ms, 3ms});
  EXPECT_EQ(offer.offer, 9u);
  ASSERT_EQ(offer.tasks.size(), 1u);
  EXPECT_EQ(offer.tasks[0].header.id, TaskId(5));
  EXPECT_EQ(offer.wait_left, 4ms);
  EXPECT_EQ(offer.end_there, 10ms);
  EXPECT_EQ(offer.service, 3ms);

  const auto done = over_the_wire(MoveDone{7, 2, 40, 1ull << 40, 5ms});
  EXPECT_EQ(done.number, 7u);
  EXPECT_EQ(done.level, 2);
  EXPECT_EQ(done.moved, 40u);
  EXPECT_EQ(done.bytes, 1ull << 40);
  EXPECT_EQ(done.took, 5ms);

  const auto quota = over_the_wire(MoveQuota{8, 3, ClassId(1), {{RankId(4), 10}, {RankId(6), 20}}});
  EXPECT_EQ(quota.number, 8u);
  EXPECT_EQ(quota.level, 3);
  EXPECT_EQ(quota.task_class, ClassId(1));
  ASSERT_EQ(quota.targets.size(), 2u);
  EXPECT_EQ(quota.targets[1].node, RankId(6));
  EXPECT_EQ(quota.targets[1].count, 20u);

  const auto hint = over_the_wire(StealHint{11, RankId(2), 9, 300ms});
  EXPECT_EQ(hint.number, 11u);
  EXPECT_EQ(hint.victim, RankId(2));
  EXPECT_EQ(hint.most, 9u);
  EXPECT_EQ(hint.lifetime, 300ms);
}

TEST(Codec, CarriesTheMessagesOfLateBinding) {
  const std::vector<Reservation> two{{TaskId(5), 1}, {TaskId(1ull << 50), 3}};
  const auto expect_two = [&](const std::vector<Reservation>& copies) {
    ASSERT_EQ(copies.size(), 2u);
    EXPECT_EQ(copies[1].task, two[1].task);
    EXPECT_EQ(copies[1].attempt, 3u);
  };
  expect_two(over_the_wire(ReservationBatch{two}).reservations);
  expect_two(over_the_wire(Cancellation{two}).reservations);
  expect_two(over_the_wire(Revocation{two}).attempts);
  expect_two(over_the_wire(TaskRequest{two}).wanted);
  const auto passed = over_the_wire(HandOver{0, {}, {{RankId(4), two[1]}}}).reservations;
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(passed[0].home, RankId(4));
  EXPECT_EQ(passed[0].reservation.task, two[1].task);
  const auto answer = over_the_wire(RequestAnswer{{task_with_payload(20'000)}, two});
  expect_two(answer.gone);
  ASSERT_EQ(answer.tasks.size(), 1u);
  EXPECT_TRUE(std::ranges::equal(answer.tasks[0].payload.bytes(), bytes_of_size(20'000)));
}

TEST(Codec, RefusesEveryTornMessage) {
  const EncodedMessage encoded =
      encode(TaskBatch{{task_with_payload(20), task_with_payload(5)}}, 1, kSent);
  for (std::size_t size = 0; size < encoded.head.size(); ++size) {
    const std::span<const std::byte> head(encoded.head);
    EXPECT_FALSE(decode(RankId(0), head.first(size), {}, kReceived).has_value()) << size;
  }
  Bytes longer = encoded.head;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(decode(RankId(0), longer, {}, kReceived).has_value());
}

TEST(Codec, SurvivesFlippedBytesWithoutReadingOutsideTheMessage) {
  NodeReport report;
  report.classes.resize(3);
  const std::vector<Message> messages{
      TaskBatch{{task_with_payload(20), task_with_payload(20'000)}},
      MergedView{{report, report}},
      EndBatch{{TaskEnd{.result = bytes_of_size(4)}, TaskEnd{.result = bytes_of_size(20'000)}}},
      MovedBatch{RankId(1), {{TaskId(1), 1}}},
      ProbeAnswer{1, 2, 3ms},
      HandOver{1, {task_with_payload(20)}, {{RankId(4), {TaskId(1), 1}}}},
      ReservationBatch{{{TaskId(1), 1}, {TaskId(2), 1}}},
      RequestAnswer{{task_with_payload(20'000)}, {{TaskId(2), 1}}},
      Directive{1ms, {{1, 2}, {3}}, {1}, {{0.5F}, {0}}},
      SubtreeReport{.class_count = 3, .changed = {{ClassId(2), {}}}},
      EntryNodes{{some_entries(), some_entries()}},
      Outlook{1ms, {1, 2}, {some_entries()}},
      MoveOrder{7, RankId(3), ClassId(2), 40},
      MoveOffer{9, {{}}, 4ms, 10ms, 3ms},
      MoveDone{7, 2, 40, 100, 5ms},
      MoveQuota{8, 3, ClassId(1), {{RankId(4), 10}}},
      StealHint{11, RankId(2), 9, 300ms},
      CapacityReport{1, 8, {{1, 2, 3, 4, 5, 6}, {}}},
      CapacityOrder{2, 8},
      ServiceSamples{3, 1, {1, 2, 3}},
      EstimatorWeights{2, 100, {1, 2}, {0}, {1}},
      WeightsReport{{2, 100, {1, 2}, {0}, {1}}},
      AverageWeights{{2, 100, {1, 2}, {0}, {1}}},
      DataRequest{1, 0, "name", 100, 5ms},
      DataAnswer{2, 1, 3, 20'000, "type", Payload(Bytes(20'000))},
      Farewell{3, false, RankId(2), true}};
  Random random(11);
  int refused = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    EncodedMessage encoded = encode(messages[random.below(messages.size())], 1, kSent);
    encoded.head[random.below(encoded.head.size())] = static_cast<std::byte>(random.below(256));
    const auto read = decode(RankId(0), encoded.head, received(encoded), kReceived);
    if (!read) {
      ++refused;
      continue;
    }
    // Whatever was read is a message that can be sent on at once; later, a span that is just
    // believable may have become one that is not.
    const EncodedMessage again = encode(read->message, 1, kReceived);
    EXPECT_TRUE(decode(RankId(0), again.head, received(again), kReceived)) << trial;
  }
  // Of flips in lengths and counts; most others change a number.
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 19'000);
}

// Whether an earlier one may be dropped for a later one.
bool is_outdated_by_the_next(Message message) {
  return newest_counts(kind_of(encode(std::move(message), 1, Instant{}).head));
}

TEST(Codec, LetsReportsWaitAndNotWork) {
  EXPECT_TRUE(can_wait(NodeReport{}));
  EXPECT_TRUE(can_wait(MergedView{}));
  EXPECT_TRUE(can_wait(SubtreeReport{}));
  EXPECT_FALSE(can_wait(TaskBatch{}));
  EXPECT_FALSE(can_wait(EndBatch{}));
  EXPECT_FALSE(can_wait(StealRequest{}));
  EXPECT_FALSE(can_wait(Probe{}));
  EXPECT_FALSE(can_wait(CountRequest{}));
}

TEST(Codec, KeepsReportsAndOrdersOfCapacity) {
  const auto report = over_the_wire(CapacityReport{
      9, 57.6, {{1'000, 70, 31, 900, 180.5, -2.5}, {std::uint64_t{1} << 40, 0, 0, 1, 0.25}}});
  EXPECT_EQ(report.sequence, 9U);
  EXPECT_EQ(report.installed, 57.6);
  ASSERT_EQ(report.classes.size(), 2U);
  EXPECT_EQ(report.classes[0].submitted, 1'000U);
  EXPECT_EQ(report.classes[0].in_flight, 70U);
  EXPECT_EQ(report.classes[0].running, 31U);
  EXPECT_EQ(report.classes[0].served, 900U);
  EXPECT_EQ(report.classes[0].work_s, 180.5);
  EXPECT_EQ(report.classes[0].event_in_s, -2.5);
  EXPECT_EQ(report.classes[1].submitted, std::uint64_t{1} << 40);
  EXPECT_FALSE(report.classes[1].event_in_s);

  const auto order = over_the_wire(CapacityOrder{10, 24.5});
  EXPECT_EQ(order.sequence, 10U);
  EXPECT_EQ(order.capacity, 24.5);
}

TEST(Codec, KeepsSamplesAndWeights) {
  const auto samples = over_the_wire(ServiceSamples{7, 3, {0.5F, -1.25F, 2}});
  EXPECT_EQ(samples.sequence, 7U);
  EXPECT_EQ(samples.version, 3U);
  EXPECT_EQ(samples.rows, (std::vector<float>{0.5F, -1.25F, 2}));

  const EstimatorWeights sent{4, std::uint64_t{1} << 40, {1, -2, 3.5F}, {-1, 0}, {1, 2}};
  const auto check = [&sent](const EstimatorWeights& read) {
    EXPECT_EQ(read.version, sent.version);
    EXPECT_EQ(read.sample_count, sent.sample_count);
    EXPECT_EQ(read.parameters, sent.parameters);
    EXPECT_EQ(read.least, sent.least);
    EXPECT_EQ(read.most, sent.most);
  };
  check(over_the_wire(sent));
  check(over_the_wire(WeightsReport{sent}).weights);
  check(over_the_wire(AverageWeights{sent}).weights);
}

TEST(Codec, KeepsQuestionsForDataAndAnswers) {
  const auto request = over_the_wire(DataRequest{5, 7, "matrix", std::uint64_t{1} << 33, 3ms});
  EXPECT_EQ(request.question, 5U);
  EXPECT_EQ(request.number, 7U);
  EXPECT_EQ(request.name, "matrix");
  EXPECT_EQ(request.last_bytes, std::uint64_t{1} << 33);
  EXPECT_EQ(request.last_took, 3ms);

  for (const std::size_t bytes : {std::size_t{0}, std::size_t{10}, kAttachmentBytes}) {
    const auto answer =
        over_the_wire(DataAnswer{5, 7, 2, bytes, "double", Payload(Bytes(bytes, std::byte(9)))});
    EXPECT_EQ(answer.question, 5U);
    EXPECT_EQ(answer.number, 7U);
    EXPECT_EQ(answer.version, 2U);
    EXPECT_EQ(answer.byte_count, bytes);
    EXPECT_EQ(answer.text, "double");
    ASSERT_EQ(answer.data.bytes().size(), bytes);
    EXPECT_TRUE(std::ranges::all_of(answer.data.bytes(),
                                    [](std::byte byte) { return byte == std::byte(9); }));
  }
}

TEST(Codec, TellsOfWhichMessagesOnlyTheNewestCounts) {
  EXPECT_TRUE(is_outdated_by_the_next(NodeReport{}));
  EXPECT_TRUE(is_outdated_by_the_next(Directive{}));
  EXPECT_TRUE(is_outdated_by_the_next(Outlook{}));
  EXPECT_TRUE(is_outdated_by_the_next(Probe{}));
  EXPECT_TRUE(is_outdated_by_the_next(CapacityReport{}));
  EXPECT_TRUE(is_outdated_by_the_next(CapacityOrder{}));
  EXPECT_TRUE(is_outdated_by_the_next(ServiceSamples{}));
  EXPECT_TRUE(is_outdated_by_the_next(EstimatorWeights{}));
  EXPECT_TRUE(is_outdated_by_the_next(WeightsReport{}));
  EXPECT_TRUE(is_outdated_by_the_next(AverageWeights{}));
  // These hold what has changed, or are counted.
  EXPECT_FALSE(is_outdated_by_the_next(MergedView{}));
  EXPECT_FALSE(is_outdated_by_the_next(SubtreeReport{}));
  EXPECT_FALSE(is_outdated_by_the_next(TaskBatch{}));
  EXPECT_FALSE(is_outdated_by_the_next(CreditReturn{}));
  EXPECT_FALSE(is_outdated_by_the_next(ProbeAnswer{}));
}

}  // namespace
}  // namespace weir
