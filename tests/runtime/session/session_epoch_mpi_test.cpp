// wait_all() is exact, whatever was submitted where, and sessions leave nothing behind.

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "runtime/control/node_agent.hpp"
#include "runtime/session/session.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/rank_sums.hpp"
#include "tests/support/session_inputs.hpp"

namespace weir {
namespace {

RankId rank_number(const Session& session, int i) { return RankId(i % session.rank_count()); }

TEST(SessionEpochs, WaitAllReturnsWhenEverythingIsCompleteEpochAfterEpoch) {
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto tick = session.define("tick", [&ran] { ++ran; });
  session.start();
  std::uint64_t expected = 0;
  for (int epoch = 0; epoch < 20; ++epoch) {
    // Some epochs are empty on some ranks, one everywhere.
    const int count = epoch == 7 ? 0 : (epoch + session.rank().value()) % 3 * 40;
    for (int i = 0; i < count; ++i) session.submit_detached({}, tick.id, Payload());
    expected += sum_over_ranks(static_cast<std::uint64_t>(count));
    session.wait_all();
    EXPECT_EQ(sum_over_ranks(ran), expected);
  }
}

TEST(SessionEpochs, ThousandsOfSmallTasksGoFromAllRanksToAll) {
  constexpr int kTasks = 4000;
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto add = session.define("add", [&ran](std::uint64_t n) { ran += n; });
  const auto next = session.define("next", [](int n) { return n + 1; });
  session.start();
  std::vector<Future<int>> futures;
  for (int i = 0; i < kTasks; ++i) {
    const SubmitOptions there{.target = rank_number(session, i)};
    session.submit(there, add, std::uint64_t{3});
    if (i % 4 == 0) futures.push_back(session.submit(there, next, i));
  }
  for (std::size_t i = 0; i < futures.size(); ++i) {
    EXPECT_EQ(futures[i].get(), 4 * static_cast<int>(i) + 1);
  }
  session.wait_all();
  EXPECT_EQ(sum_over_ranks(ran), 3U * kTasks * static_cast<unsigned>(session.rank_count()));
}

TEST(SessionEpochs, RunsTasksWhoseFuturesWereDropped) {
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto tick = session.define("tick", [&ran](int n) {
    ++ran;
    return n;
  });
  session.start();
  std::vector<Future<int>> kept;
  for (int i = 0; i < 300; ++i) {
    Future<int> future = session.submit({.target = rank_number(session, i)}, tick, i);
    if (i % 3 == 0) kept.push_back(std::move(future));
  }
  session.wait_all();
  EXPECT_EQ(sum_over_ranks(ran), 300U * static_cast<unsigned>(session.rank_count()));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_TRUE(kept[i].ready());
    EXPECT_EQ(kept[i].get(), 3 * static_cast<int>(i));
  }
}

TEST(SessionEpochs, SubmitMakesRoomItselfWhenTheHomeIsFull) {
  const std::uint64_t count = NodeAgentOptions{}.max_in_flight + 5000;
  std::atomic<std::uint64_t> ran = 0;
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  const auto tick = session.define("tick", [&ran] { ++ran; });
  session.start();
  // The first rank and the last at once; those between only serve.
  const bool submits =
      session.rank() == RankId(0) || session.rank().value() == session.rank_count() - 1;
  for (std::uint64_t i = 0; submits && i < count; ++i) {
    session.submit_detached({.target = rank_number(session, static_cast<int>(i))}, tick.id,
                            Payload());
  }
  session.wait_all();
  EXPECT_EQ(sum_over_ranks(ran), count * (session.rank_count() > 1 ? 2 : 1));
}

TEST(SessionEpochs, SessionsFollowEachOther) {
  for (int i = 0; i < 4; ++i) {
    std::atomic<std::uint64_t> ran = 0;
    Session session(MPI_COMM_WORLD, {.policy = "random+work_stealing", .worker_count = 2});
    const auto tick = session.define("tick" + std::to_string(i), [&ran] { ++ran; });
    session.start();
    for (int k = 0; k < 100; ++k) session.submit_detached({}, tick.id, Payload());
    session.wait_all();
    EXPECT_EQ(sum_over_ranks(ran), 100U * static_cast<unsigned>(session.rank_count()));
  }
}

TEST(SessionEpochs, ASessionMayEndWithoutATaskAndWithoutStart) {
  { Session session(MPI_COMM_WORLD); }
  {
    Session session(MPI_COMM_WORLD, kTwoWorkers);
    session.start();
  }
  Session session(MPI_COMM_WORLD, kTwoWorkers);
  session.start();
  session.wait_all();
}

// Passes a number around the ranks of MPI_COMM_WORLD with tag 0, which weir would see if it used
// the same communicator.
void circulate(int value) {
  const int rank = test_ranks().rank().value();
  const int ranks = test_ranks().rank_count();
  int received = -1;
  MPI_Sendrecv(&value, 1, MPI_INT, (rank + 1) % ranks, 0, &received, 1, MPI_INT,
               (rank + ranks - 1) % ranks, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  EXPECT_EQ(received, value);
}

TEST(SessionEpochs, ASessionOnSomeRanksLeavesOtherTrafficAlone) {
  const int rank = test_ranks().rank().value();
  const bool member = rank % 2 == 0;
  MPI_Comm half = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, member ? 0 : 1, -rank, &half);
  MPI_Request reduction = MPI_REQUEST_NULL;
  int sum = 0;
  MPI_Iallreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD, &reduction);
  if (!member) {
    for (int i = 0; i < 20; ++i) circulate(i);
  } else {
    std::atomic<std::uint64_t> ran = 0;
    Session session(half, kTwoWorkers);
    EXPECT_EQ(session.rank_count(), (test_ranks().rank_count() + 1) / 2);
    const auto tick = session.define("tick", [&ran](std::uint64_t n) { ran += n; });
    session.start();
    for (int i = 0; i < 20; ++i) {
      for (int k = 0; k < 10; ++k) {
        session.submit({.target = rank_number(session, k)}, tick, std::uint64_t{1});
      }
      circulate(i);
      session.progress();
    }
    session.wait_all();
    const std::uint64_t mine = ran;
    std::uint64_t total = 0;
    MPI_Allreduce(&mine, &total, 1, MPI_UINT64_T, MPI_SUM, half);
    EXPECT_EQ(total, 200U * static_cast<unsigned>(session.rank_count()));
  }
  MPI_Wait(&reduction, MPI_STATUS_IGNORE);
  EXPECT_EQ(sum, test_ranks().rank_count() * (test_ranks().rank_count() - 1) / 2);
  MPI_Comm_free(&half);
}

}  // namespace
}  // namespace weir
