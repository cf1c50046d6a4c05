#include "runtime/sim/sim_transport.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Pair {
  SimTime now{};
  RankClock early{0s, 0};
  RankClock late{100s, 0};
  LetterPool letters;
  std::vector<std::uint32_t> under_way;
  int reports = 0;
  SimTransport sender{RankId(0), 2, early, now, letters, [this](std::uint32_t letter, bool report) {
                        under_way.push_back(letter);
                        reports += report ? 1 : 0;
                      }};
  SimTransport receiver{RankId(1), 2, late, now, letters, [](std::uint32_t, bool) {}};
};

TEST(SimTransport, CarriesMessagesAsBytes) {
  Pair pair;
  TaskBatch batch;
  batch.tasks.push_back({{.id = TaskId(5)}, Payload(Bytes(100'000, std::byte{3}))});
  pair.sender.send(RankId(1), batch);
  ASSERT_EQ(pair.under_way.size(), 1U);
  EXPECT_GT(size_of(pair.letters[pair.under_way.front()].message), 100'000U);
  const Envelope received = pair.receiver.open(pair.under_way.front());
  EXPECT_EQ(received.from, RankId(0));
  const auto& tasks = std::get<TaskBatch>(received.message).tasks;
  EXPECT_EQ(tasks.at(0).header.id, TaskId(5));
  EXPECT_EQ(tasks.at(0).payload.bytes().size(), 100'000U);
  EXPECT_EQ(pair.sender.counts().bytes_sent, pair.receiver.counts().bytes_received);
}

TEST(SimTransport, TranslatesDeadlinesBetweenClocks) {
  Pair pair;
  TaskBatch batch;
  batch.tasks.push_back({{.id = TaskId(5), .deadline = Instant(2s)}, {}});
  pair.sender.send(RankId(1), batch);
  const Envelope received = pair.receiver.open(pair.under_way.front());
  EXPECT_EQ(std::get<TaskBatch>(received.message).tasks.at(0).header.deadline, Instant(102s));
}

TEST(SimTransport, UsesTheBuffersOfLettersAgain) {
  Pair pair;
  for (int i = 0; i < 3; ++i) {
    pair.sender.send(RankId(1), CreditReturn{7});
    ASSERT_EQ(pair.under_way.back(), 0U);
    EXPECT_EQ(std::get<CreditReturn>(pair.receiver.open(0).message).task_count, 7U);
  }
}

TEST(SimTransport, TellsReportsFromWhatMayNotGetLost) {
  Pair pair;
  pair.sender.send(RankId(1), IdleToken{});
  EXPECT_EQ(pair.reports, 0);
  pair.sender.send(RankId(1), NodeReport{.node = RankId(0)});
  pair.sender.send(RankId(1), MergedView{});
  EXPECT_EQ(pair.reports, 2);
}

TEST(SimTransport, HandsARankItsOwnMessagesAtOnce) {
  Pair pair;
  pair.sender.send(RankId(0), IdleToken{});
  EXPECT_TRUE(pair.under_way.empty());
  EXPECT_TRUE(pair.sender.try_receive().has_value());
}

}  // namespace
}  // namespace weir
