#include "runtime/mpi/mpi_transport.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "runtime/mpi/mpi_communicator.hpp"
#include "runtime/mpi/steady_clock.hpp"
#include "runtime/protocol/codec.hpp"
#include "tests/support/mpi_test_main.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

class MpiTransportTest : public testing::Test {
 protected:
  // A rank may have received everything while others still wait for what its window holds back:
  // nobody sends that once it waits in meet().
  ~MpiTransportTest() override {
    while (transport.held_messages() > 0 || transport.under_way()) transport.poll();
    meet();
  }

  int ranks() const { return transport.rank_count(); }
  bool is_self(int rank) const { return RankId(rank) == transport.rank(); }

  // Takes `count` messages, asleep in between.
  void receive(int count, const std::function<void(Envelope)>& use) {
    transport.flush();
    while (count > 0) {
      if (auto envelope = transport.try_receive()) {
        use(std::move(*envelope));
        --count;
      } else {
        std::this_thread::sleep_for(100us);
      }
    }
  }

  Doorbell doorbell{test_ranks(), {}};
  SteadyClock clock;
  MpiTransport transport{test_ranks(), doorbell, clock};
};

Bytes pattern(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = std::byte((seed * 31 + i + i / 251) & 0xff);
  return bytes;
}

// Made once: eight MiB, byte by byte, take long under a sanitizer.
std::vector<Bytes> patterns_of(const std::vector<std::size_t>& sizes) {
  std::vector<Bytes> patterns;
  for (std::size_t i = 0; i < sizes.size(); ++i) patterns.push_back(pattern(sizes[i], i));
  return patterns;
}

bool are_equal(std::span<const std::byte> a, const Bytes& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

TaskBatch one_task(std::uint64_t id, Payload payload) {
  TaskBatch batch;
  batch.tasks.push_back({{.id = TaskId(id)}, std::move(payload)});
  return batch;
}

class Text final : public PayloadObject {
 public:
  Bytes serialize() const override { return pattern(9, 4); }
};

TEST_F(MpiTransportTest, KeepsAnObjectAnObjectOnItsOwnRank) {
  const auto object = std::make_shared<const Text>();
  transport.set_membership(7);
  transport.send(transport.rank(), one_task(1, Payload(object)));
  receive(1, [&](Envelope envelope) {
    EXPECT_EQ(envelope.from, transport.rank());
    EXPECT_EQ(envelope.membership, 7U);
    const auto& batch = std::get<TaskBatch>(envelope.message);
    EXPECT_EQ(batch.tasks[0].payload.object(), object.get());
  });
  EXPECT_EQ(transport.counts().bytes_sent, 0U);
}

TEST_F(MpiTransportTest, TurnsAnObjectThatLeavesTheRankIntoItsBytes) {
  transport.set_membership(7);
  for (int peer = 0; peer < ranks(); ++peer)
    if (!is_self(peer))
      transport.send(RankId(peer), one_task(1, Payload(std::make_shared<const Text>())));
  receive(ranks() - 1, [&](Envelope envelope) {
    EXPECT_EQ(envelope.membership, 7U);
    const auto& payload = std::get<TaskBatch>(envelope.message).tasks[0].payload;
    EXPECT_FALSE(payload.is_object());
    EXPECT_TRUE(std::ranges::equal(payload.bytes(), pattern(9, 4)));
  });
}

TEST_F(MpiTransportTest, DeliversThousandsBothWaysInOrderAlthoughNobodyReceivesMeanwhile) {
  constexpr int kMessages = 5000;
  for (std::uint32_t i = 0; i < kMessages; ++i) {
    for (int peer = 0; peer < ranks(); ++peer) transport.send(RankId(peer), StealRequest{i});
    if (i % 7 == 0) transport.flush();
  }
  std::map<RankId, std::uint32_t> next;
  receive(kMessages * ranks(), [&](Envelope envelope) {
    EXPECT_EQ(std::get<StealRequest>(envelope.message).most, next[envelope.from]++);
  });
  EXPECT_EQ(transport.counts().messages_sent, transport.counts().messages_received);
}

TEST_F(MpiTransportTest, CollectsTheMessagesOfOneRoundInFewMpiMessages) {
  for (int peer = 0; peer < ranks(); ++peer)
    for (int i = 0; i < 100; ++i) transport.send(RankId(peer), IdleToken{});
  receive(100 * ranks(), [](Envelope) {});
  EXPECT_LE(transport.counts().bytes_sent, static_cast<std::uint64_t>(100 * ranks() * 64));
}

// Attachments take another way than heads; nothing may overtake.
TEST_F(MpiTransportTest, KeepsTheOrderOfLargeAndSmallMessagesInBothDirections) {
  constexpr std::size_t kMany = 8 << 20;
  const std::vector<std::size_t> sizes = {
      0, 70000, 10, kAttachmentBytes, kAttachmentBytes - 1, 40, 8, kMany, 70000, 3};
  const std::vector<Bytes> patterns = patterns_of(sizes);
  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < sizes.size(); ++i)
      for (int peer = 0; peer < ranks(); ++peer)
        transport.send(RankId(peer), one_task(i, Payload(Bytes(patterns[i]))));

  std::map<RankId, std::size_t> next;
  receive(static_cast<int>(3 * sizes.size()) * ranks(), [&](Envelope envelope) {
    const std::size_t i = next[envelope.from]++ % sizes.size();
    const auto& task = std::get<TaskBatch>(envelope.message).tasks[0];
    EXPECT_EQ(task.header.id, TaskId(i));
    EXPECT_TRUE(are_equal(task.payload.bytes(), patterns[i]));
  });
  while (transport.under_way()) transport.poll();
  EXPECT_EQ(transport.bytes_under_way(), 0U);
}

TEST_F(MpiTransportTest, CarriesManyAttachmentsInOneMessage) {
  TaskBatch batch;
  for (std::uint64_t i = 0; i < 20; ++i)
    batch.tasks.push_back({{.id = TaskId(i)}, Payload(pattern(i % 3 * 40000, i))});
  for (int peer = 0; peer < ranks(); ++peer) transport.send(RankId(peer), batch);
  receive(ranks(), [&](Envelope envelope) {
    const auto& tasks = std::get<TaskBatch>(envelope.message).tasks;
    ASSERT_EQ(tasks.size(), 20U);
    for (std::uint64_t i = 0; i < 20; ++i)
      EXPECT_TRUE(std::ranges::equal(tasks[i].payload.bytes(), pattern(i % 3 * 40000, i)));
  });
}

TEST_F(MpiTransportTest, CarriesResultsOfAnySizeInOrder) {
  const std::vector<std::size_t> sizes = {70000, 0, 8 << 20, 5, kAttachmentBytes, 70001};
  const std::vector<Bytes> patterns = patterns_of(sizes);
  for (int peer = 0; peer < ranks(); ++peer) {
    EndBatch batch;
    for (std::size_t i = 0; i < sizes.size(); ++i)
      batch.ends.push_back({.id = TaskId(i), .result = patterns[i]});
    transport.send(RankId(peer), std::move(batch));
    transport.send(RankId(peer), IdleToken{});
  }
  std::map<RankId, int> messages;
  receive(2 * ranks(), [&](Envelope envelope) {
    if (messages[envelope.from]++ == 1) {
      EXPECT_TRUE(std::holds_alternative<IdleToken>(envelope.message));
      return;
    }
    const auto& ends = std::get<EndBatch>(envelope.message).ends;
    ASSERT_EQ(ends.size(), sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i)
      EXPECT_TRUE(are_equal(ends[i].result, patterns[i]));
  });
}

TEST_F(MpiTransportTest, SharesThePayloadOnItsOwnRankInsteadOfCopyingIt) {
  const Payload payload(pattern(1 << 20, 1));
  for (int peer = 0; peer < ranks(); ++peer) transport.send(RankId(peer), one_task(1, payload));
  receive(ranks(), [&](Envelope envelope) {
    const auto& task = std::get<TaskBatch>(envelope.message).tasks[0];
    // On this rank the bytes are shared, not copied.
    if (envelope.from == transport.rank()) {
      EXPECT_EQ(task.payload.bytes().data(), payload.bytes().data());
    }
  });
}

TEST(MpiTransport, EndsAlthoughAPeerNeverTookItsMessages) {
  const auto ranks = borrow_communicator(MPI_COMM_WORLD, MpiThreads::kFunneled);
  Doorbell doorbell(*ranks, {});
  const SteadyClock clock;
  {
    MpiTransport transport(*ranks, doorbell, clock);
    for (int peer = 0; peer < ranks->rank_count(); ++peer)
      transport.send(RankId(peer), one_task(1, Payload(pattern(1 << 20, 1))));
  }
  meet();
}

// What is sent to a rank that sleeps for a while and has enough to do. Of another host it is not
// known.
TEST(MpiTransport, WakesASuppliedPeerForWhatCannotWaitOnly) {
  struct Case {
    Message message;
    bool tasks_can_wait;
    bool rings;
  };
  TaskBatch first_of_all;
  first_of_all.tasks.push_back({.header = {.id = TaskId(1), .priority = 1}, .payload = {}});
  const std::vector<Case> cases = {{TaskBatch{}, true, false},   {TaskBatch{}, false, true},
                                   {first_of_all, true, true},   {EndBatch{}, true, true},
                                   {StealRequest{}, true, true}, {NodeReport{}, false, false}};
  const RankId last(test_ranks().rank_count() - 1);
  if (last == RankId(0)) return;
  const SteadyClock clock;
  const bool is_near = test_ranks().host_of(last) == test_ranks().host_of(RankId(0));
  // Several times: where ranks share cores the sleep may be over before the message comes.
  constexpr std::size_t kTimes = 8;
  std::vector<std::uint64_t> rings(cases.size());
  for (std::size_t k = 0; k < cases.size() * kTimes; ++k) {
    const std::size_t i = k / kTimes;
    Doorbell doorbell(test_ranks(), {});
    MpiTransport transport(test_ranks(), doorbell, clock, cases[i].tasks_can_wait);
    if (transport.rank() == last) {
      ASSERT_TRUE(doorbell.announce_sleep(cases[i].rings ? 9ms : 4ms, true));
    }
    meet();
    if (transport.rank() == RankId(0)) {
      const std::uint64_t before = doorbell.counts().rings;
      transport.send(last, cases[i].message);
      transport.flush();
      rings[i] += doorbell.counts().rings - before;
    }
    meet();
    if (transport.rank() == last) {
      doorbell.cancel_sleep();
      doorbell.answer();
      doorbell.hush();
      while (!transport.try_receive()) {
      }
    }
    meet();
  }
  if (test_ranks().rank() != RankId(0)) return;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(rings[i] > 0, cases[i].rings || !is_near) << i;
  }
}

// Open MPI gives the next communicator the same number, and would hand it what is left of this one.
TEST(MpiTransport, WhatNobodyTookIsDroppedBeforeItsCommunicatorGoes) {
  const SteadyClock clock;
  for (const std::uint32_t round : {0U, 1U, 2U}) {
    const auto context = borrow_communicator(MPI_COMM_WORLD, MpiThreads::kFunneled);
    const auto others = static_cast<std::uint64_t>(context->rank_count() - 1);
    {
      Doorbell doorbell(*context, {});
      MpiTransport transport(*context, doorbell, clock);
      for (int to = 0; to < context->rank_count(); ++to) {
        if (RankId(to) == context->rank()) continue;
        transport.send(RankId(to), StealRequest{round});
        transport.flush();
        transport.send(RankId(to), one_task(1, Payload(pattern(1 << 20, 1))));
        transport.flush();
      }
      // In the first round nothing is taken.
      for (std::uint64_t taken = 0; round > 0 && taken < others;) {
        const auto envelope = transport.try_receive();
        const auto* const request =
            envelope ? std::get_if<StealRequest>(&envelope->message) : nullptr;
        if (request == nullptr) continue;
        EXPECT_EQ(request->most, round) << "of another communicator";
        ++taken;
      }
    }
    // The request, the head of the task, and its bytes, which their receiver has to ask for.
    const std::uint64_t dropped = context->drop_untaken();
    if (round == 0) {
      EXPECT_EQ(dropped, 3 * others);
    } else {
      EXPECT_LE(dropped, 2 * others);
    }
    EXPECT_EQ(context->drop_untaken(), 0U);
  }
}

}  // namespace
}  // namespace weir
