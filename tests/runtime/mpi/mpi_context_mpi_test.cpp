#include "runtime/mpi/mpi_context.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/mpi/mpi_communicator.hpp"
#include "tests/support/mpi_test_main.hpp"
#include "tests/support/refusal.hpp"

namespace weir {
namespace {

// As many bytes as its rank, all equal to it.
Bytes bytes_of_rank(int rank) { return Bytes(static_cast<std::size_t>(rank), std::byte(rank)); }

TEST(MpiContext, GathersBlocksOfDifferentLengthsOnEveryRank) {
  auto& ranks = test_ranks();
  const auto all = ranks.gather_to_all(bytes_of_rank(ranks.rank().value()));
  ASSERT_EQ(static_cast<int>(all.size()), ranks.rank_count());
  for (int rank = 0; rank < ranks.rank_count(); ++rank)
    EXPECT_EQ(all[static_cast<std::size_t>(rank)], bytes_of_rank(rank));
}

TEST(MpiContext, GathersOnRankZeroOnly) {
  auto& ranks = test_ranks();
  const auto all = ranks.gather(bytes_of_rank(ranks.rank().value()));
  if (ranks.rank() != RankId(0)) {
    EXPECT_TRUE(all.empty());
    return;
  }
  ASSERT_EQ(static_cast<int>(all.size()), ranks.rank_count());
  for (int rank = 0; rank < ranks.rank_count(); ++rank)
    EXPECT_EQ(all[static_cast<std::size_t>(rank)], bytes_of_rank(rank));
}

TEST(MpiContext, KnowsWhoSharesThisHost) {
  auto& ranks = test_ranks();
  int on_this_host = 0;
  int before = 0;
  for (int rank = 0; rank < ranks.rank_count(); ++rank) {
    if (ranks.host_of(RankId(rank)) != ranks.host_of(ranks.rank())) continue;
    ++on_this_host;
    if (rank < ranks.rank().value()) ++before;
  }
  EXPECT_EQ(ranks.ranks_on_this_host(), on_this_host);
  EXPECT_EQ(ranks.index_on_this_host(), before);
  EXPECT_GE(ranks.host_count(), 1);
}

TEST(MpiContext, OfABorrowedCommunicatorNumbersItsRanks) {
  MPI_Comm half = MPI_COMM_NULL;
  const int rank = test_ranks().rank().value();
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
  {
    const auto borrowed = borrow_communicator(half, MpiThreads::kFunneled);
    EXPECT_EQ(borrowed->rank(), RankId(rank / 2));
    EXPECT_EQ(borrowed->rank_count(), (test_ranks().rank_count() + 1 - rank % 2) / 2);
  }
  int size = 0;
  EXPECT_EQ(MPI_Comm_size(half, &size), MPI_SUCCESS) << "the caller's communicator is gone";
  MPI_Comm_free(&half);
}

TEST(MpiContext, WaitsForNobodyWhileAnExceptionUnwinds) {
  // The others keep theirs: they would wait for the one that is out, and never return.
  std::unique_ptr<MpiContext> kept;
  bool is_out = false;
  try {
    auto context = borrow_communicator(MPI_COMM_WORLD, MpiThreads::kFunneled);
    if (test_ranks().rank() == RankId(0)) throw std::runtime_error("out");
    kept = std::move(context);
  } catch (const std::runtime_error&) {
    is_out = true;
  }
  EXPECT_EQ(is_out, kept == nullptr);
  [[maybe_unused]] const MpiContext* const never_freed = kept.release();
}

TEST(MpiContext, TellsThoseWhoGatherThatARankDeclines) {
  const auto context = borrow_communicator(MPI_COMM_WORLD, MpiThreads::kFunneled);
  const bool declines = context->rank() == RankId(0);
  if (declines) {
    context->decline(false);
  } else {
    const std::string report = refusal([&] { context->gather_to_all({}); });
    EXPECT_NE(report.find("rank 0 does not begin"), report.npos) << report;
  }
  EXPECT_TRUE(context->has_left());
}

TEST(MpiContext, EndsAsEverWhereAllRanksDecline) {
  const auto context = borrow_communicator(MPI_COMM_WORLD, MpiThreads::kFunneled);
  context->decline(true);
  EXPECT_FALSE(context->has_left());
}

TEST(MpiContext, WaitsForNobodyAtItsEndWhereSomeDeclineAndAreGone) {
  const auto context = borrow_communicator(MPI_COMM_WORLD, MpiThreads::kFunneled);
  context->decline(context->rank() != RankId(0));
  EXPECT_TRUE(context->has_left());
}

TEST(MpiContext, RefusesTooLittleThreadSupportAndSaysWhatIsNeeded) {
  try {
    borrow_communicator(MPI_COMM_WORLD, MpiThreads::kMultiple);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(error.report().find("found   MPI_THREAD_FUNNELED"), std::string::npos);
    EXPECT_NE(error.report().find("needed  MPI_THREAD_MULTIPLE"), std::string::npos);
  }
}

TEST(MpiContext, RefusesAThreadThatMayNotCallMpiAndSaysWhich) {
  std::string report;
  std::thread([&report] {
    try {
      borrow_communicator(MPI_COMM_WORLD, MpiThreads::kFunneled);
    } catch (const Error& error) {
      report = error.report();
    }
  }).join();
  EXPECT_NE(report.find("found   MPI_THREAD_FUNNELED, and a thread that did not"), report.npos)
      << report;
  EXPECT_NE(report.find("needed  the thread that called MPI_Init_thread"), report.npos) << report;
}

}  // namespace
}  // namespace weir
