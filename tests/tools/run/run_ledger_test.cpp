#include "tools/run/run_ledger.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tests/support/share_copies.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

ShareCopy copy_of(int share, Duration reached, std::uint32_t generation = 1) {
  ShareCopy copy = untouched_share(share, 3, tally_of_two_streams());
  copy.reached = reached;
  copy.generation = generation;
  return copy;
}

LedgerContent content_of(std::vector<ShareCopy> copies) {
  return whole_content(std::move(copies), tally_of_two_streams(), "ledger");
}

TEST(RunLedger, ThatIsEmptyHasNoPosition) { EXPECT_FALSE(LedgerContent{}.position()); }

// The job was killed before all homes had written.
TEST(RunLedger, HasSharesThatWereNeverWrittenFromTheirBegin) {
  ShareCopy written = some_share_copy();
  const LedgerContent content = content_of({written});
  ASSERT_EQ(content.copies.size(), 3U);
  for (int share = 0; share < 3; ++share) EXPECT_EQ(content.copies[share].share, share);
  EXPECT_EQ(content.copies[0].generation, 0U);
  EXPECT_EQ(content.copies[0].next, (std::vector<std::uint64_t>{0, 0}));
  EXPECT_EQ(content.copies[0].capacity_per_s, written.capacity_per_s);
  EXPECT_EQ(content.copies[1].open, written.open);
}

TEST(RunLedger, GoesOnWhereTheFirstHomeStoodThatHadSomethingLeft) {
  EXPECT_EQ(content_of({copy_of(0, 5s), copy_of(1, 3s), copy_of(2, 4s)}).position()->stream_time,
            3s);
  ShareCopy done = copy_of(1, 3s);
  done.all_taken = true;
  EXPECT_EQ(content_of({copy_of(0, 5s), done, copy_of(2, 4s)}).position()->stream_time, 4s);
}

TEST(RunLedger, OfARunThatIsDoneStandsAtItsEnd) {
  std::vector<ShareCopy> copies{copy_of(0, 5s), copy_of(1, 3s), copy_of(2, 4s)};
  for (ShareCopy& copy : copies) copy.all_taken = true;
  EXPECT_EQ(content_of(std::move(copies)).position()->stream_time, 5s);
}

TEST(RunLedger, AddsUpWhatAllSharesHaveComeTo) {
  ShareCopy other = copy_of(2, 2s, 4);
  RunTally tally = tally_of_two_streams();
  tally.add(completed(make_task_id(StreamId(1), 7)), Instant{});
  other.tally = tally.without_nodes();
  other.elapsed = 3s;
  other.capacity_per_s = some_share_copy().capacity_per_s;
  const auto position = content_of({some_share_copy(), other}).position();
  ASSERT_TRUE(position);
  EXPECT_EQ(position->tally.done(), some_share_copy().tally.done() + 1);
  EXPECT_EQ(position->tally.digests()[1], tally.digests()[1]);
  EXPECT_EQ(position->parts, 4);
  EXPECT_EQ(position->elapsed_s, 3);
  EXPECT_EQ(position->capacity_per_s, other.capacity_per_s);
}

TEST(RunLedger, OfSeveralRunsIsRefused) {
  ShareCopy of_another = untouched_share(0, 2, tally_of_two_streams());
  EXPECT_NE(refusal([&] {
              content_of({copy_of(1, 1s), of_another});
            }).find("of several runs"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
