// What the outbox holds back from a rank that takes nothing, seen through the transport.

#include "runtime/mpi/outbox.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>
#include <vector>

#include "runtime/mpi/mpi_communicator.hpp"
#include "runtime/mpi/mpi_transport.hpp"
#include "runtime/mpi/steady_clock.hpp"
#include "tests/support/mpi_test_main.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Shorter than the test's time limit, and far longer than anything here takes.
constexpr auto kTooLong = 30s;
// More than the window of any peer, and than the buffers of Open MPI for all of them.
constexpr std::uint32_t kMany = 5000;

// One transport on each rank. Rank 0 sends to the last one, which takes nothing at first.
class OutboxTest : public testing::Test {
 protected:
  ~OutboxTest() override { meet(); }

  void SetUp() override {
    ASSERT_GE(last, 2) << "needs a rank that sends, one that is slow, and others";
  }

  void send(int to, Message message) {
    transport.send(RankId(to), std::move(message));
    transport.flush();
  }

  // Takes messages, asleep in between, until `use` says that this was the last.
  void receive_until(const std::function<bool(const Envelope&)>& use) {
    for (;;) {
      if (auto envelope = transport.try_receive()) {
        if (use(*envelope)) return;
      } else {
        std::this_thread::sleep_for(100us);
      }
    }
  }
  // The steal requests from 0 to kMany.
  void receive_many_in_order() {
    std::uint32_t next = 0;
    receive_until([&](const Envelope& envelope) {
      EXPECT_EQ(std::get<StealRequest>(envelope.message).most, next++);
      return next == kMany;
    });
  }
  void drain() {
    while (transport.held_messages() > 0 || transport.under_way()) transport.poll();
  }

  Doorbell doorbell{test_ranks(), {}};
  SteadyClock clock;
  MpiTransport transport{test_ranks(), doorbell, clock};
  const int own = transport.rank().value();
  const int last = transport.rank_count() - 1;
  // Rank 0 and the last one.
  const bool shares_host = test_ranks().host_of(RankId(last)) == test_ranks().host_of(RankId(0));
};

TEST_F(OutboxTest, HoldsWhatAPeerDoesNotTakeAndSendsItInOrderWhenItDoes) {
  if (own == 0) {
    for (std::uint32_t i = 0; i < kMany; ++i) send(last, StealRequest{i});
    if (shares_host) {
      const auto sent = kMany - transport.held_messages();
      EXPECT_LE(sent, 64U);
      EXPECT_GT(sent, 0U);
      EXPECT_FALSE(transport.under_way()) << "nothing to push: the receiver rings";
    }
  }
  meet();
  if (own == last) {
    receive_many_in_order();
  }
  if (own == 0) drain();
  EXPECT_EQ(transport.held_messages(), 0U);
}

TEST_F(OutboxTest, HoldsLargeAndSmallMessagesInOneOrder) {
  constexpr std::uint32_t kPairs = 200;
  if (own == 0) {
    for (std::uint32_t i = 0; i < kPairs; ++i) {
      TaskBatch batch;
      batch.tasks.push_back({{.id = TaskId(i)}, Payload(Bytes(40000, std::byte(i & 0xff)))});
      send(last, std::move(batch));
      send(last, StealRequest{i});
    }
    if (shares_host) {
      EXPECT_GT(transport.held_messages(), 0U);
    }
  }
  meet();
  if (own == last) {
    std::uint32_t seen = 0;
    receive_until([&](const Envelope& envelope) {
      const std::uint32_t i = seen++ / 2;
      if (const auto* batch = std::get_if<TaskBatch>(&envelope.message)) {
        EXPECT_EQ(seen % 2, 1U);
        EXPECT_EQ(batch->tasks[0].header.id, TaskId(i));
        EXPECT_EQ(batch->tasks[0].payload.bytes()[39999], std::byte(i & 0xff));
      } else {
        EXPECT_EQ(seen % 2, 0U);
        EXPECT_EQ(std::get<StealRequest>(envelope.message).most, i);
      }
      return seen == 2 * kPairs;
    });
  }
  if (own == 0) drain();
}

TEST_F(OutboxTest, HoldsOfEachKindOfReportTheNewestOnly) {
  if (own == 0) {
    for (std::uint32_t i = 0; i < kMany; ++i) {
      send(last,
           NodeReport{
               .node = RankId(0), .sequence = i + 1, .made = {}, .classes = {}, .telemetry = {}});
      send(last, Probe{});
      if (i % 100 == 0) send(last, StealRequest{i});
    }
    if (shares_host) {
      EXPECT_LE(transport.held_messages(), kMany / 100 + 2);
    }
    send(last, StopAdmission{});
  }
  meet();
  if (own == last) {
    std::uint32_t reports = 0;
    std::uint32_t newest = 0;
    std::uint32_t next_request = 0;
    receive_until([&](const Envelope& envelope) {
      if (const auto* report = std::get_if<NodeReport>(&envelope.message)) {
        ++reports;
        EXPECT_GT(report->sequence, newest);
        newest = report->sequence;
      }
      if (const auto* request = std::get_if<StealRequest>(&envelope.message)) {
        EXPECT_EQ(request->most, next_request);
        next_request += 100;
      }
      return std::holds_alternative<StopAdmission>(envelope.message);
    });
    EXPECT_EQ(newest, kMany);
    EXPECT_EQ(next_request, kMany);
    if (shares_host) {
      EXPECT_LE(reports, 64U);
    }
  }
  if (own == 0) drain();
}

// A place where one rank can leave a sign for another that does not look at MPI.
std::filesystem::path sign_path() {
  Bytes own;
  ByteWriter(own).number(::getpid());
  const auto pid = ByteReader(test_ranks().gather_to_all(own).front()).number<pid_t>();
  return std::filesystem::temp_directory_path() / ("weir-outbox-test-" + std::to_string(pid));
}

// Rank 0 floods a rank that does not even call MPI, and talks with the others meanwhile. Open MPI
// has buffers for some hundred messages to the ranks of its host, whoever they are for.
TEST_F(OutboxTest, LeavesTheWayToOthersFreeBesideARankThatIsStopped) {
  constexpr std::uint32_t kRounds = 500;
  const auto sign = sign_path();
  if (own == last) {
    const auto end = std::chrono::steady_clock::now() + kTooLong;
    while (!std::filesystem::exists(sign) && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(std::filesystem::exists(sign)) << "the others did not get on";
  } else if (own == 0) {
    for (std::uint32_t i = 0; i < kMany; ++i) send(last, StealRequest{i});
    // Smaller ones have a way of their own in Open MPI, as long as it is not full.
    TaskBatch batch;
    batch.tasks.push_back({{.id = TaskId(1)}, Payload(Bytes(3000))});
    for (std::uint32_t i = 0; i < kRounds; ++i) {
      for (int peer = 1; peer < last; ++peer) send(peer, batch);
      for (int peer = 1; peer < last; ++peer) receive_until([](const Envelope&) { return true; });
    }
    std::ofstream(sign) << "done";
  } else {
    std::uint32_t seen = 0;
    receive_until([&](const Envelope&) {
      send(0, IdleToken{});
      return ++seen == kRounds;
    });
  }
  if (own == last) {
    receive_many_in_order();
  }
  if (own == 0) drain();
  meet();
  std::filesystem::remove(sign);
}

TEST(Outbox, EndsAlthoughMuchIsHeldForAPeerThatTakesNothing) {
  // What was never taken must not reach the transports of other tests.
  const auto ranks = borrow_communicator(MPI_COMM_WORLD, MpiThreads::kFunneled);
  Doorbell doorbell(*ranks, {});
  const SteadyClock clock;
  {
    MpiTransport transport(*ranks, doorbell, clock);
    const RankId last(ranks->rank_count() - 1);
    if (transport.rank() == RankId(0)) {
      for (std::uint32_t i = 0; i < kMany; ++i) {
        transport.send(last, StealRequest{i});
        transport.flush();
      }
    }
  }
  meet();
}

}  // namespace
}  // namespace weir
