#include "tools/result/run_tally.hpp"

#include <gtest/gtest.h>

#include "tests/support/finished_tasks.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

RunTally small_tally() { return {3, 2, 4}; }

Bytes encoded(const RunTally& tally) {
  Bytes bytes;
  ByteWriter out(bytes);
  tally.encode(out);
  return bytes;
}

// 60 tasks of two streams, some of which failed or were dropped.
CompletedTask nth_task(std::uint64_t i) {
  const auto stream = static_cast<std::uint16_t>(i % 2);
  if (i % 11 == 4) return with_deadline(dropped_task(stream, i), 9ms);
  if (i % 7 == 3) return failed_task(stream, i, "no window");
  return done_task(stream, i, static_cast<std::int32_t>(i % 4), 1ms * (i + 1));
}

TEST(RunTally, CountsDoneAndFailedTasksByClassAndNode) {
  RunTally tally = small_tally();
  tally.add(done_task(0, 1, 3, 5ms), Instant(1s));
  tally.add(done_task(1, 1, 3, 7ms), Instant(3s));
  tally.add(failed_task(1, 2, "no window"), Instant(2s));
  EXPECT_EQ(tally.done(), 2u);
  EXPECT_EQ(tally.failed(), 1u);
  EXPECT_EQ(tally.classes()[0].done, 1u);
  EXPECT_EQ(tally.classes()[1].failed, 1u);
  EXPECT_EQ(tally.classes()[2].done, 0u);
  EXPECT_EQ(tally.nodes()[3].done, 2u);
  EXPECT_DOUBLE_EQ(tally.nodes()[3].response_s, 0.012);
  EXPECT_DOUBLE_EQ(tally.classes()[0].waited_s, 0.001);
  EXPECT_DOUBLE_EQ(tally.classes()[0].service_s, 0.002);
  EXPECT_EQ(tally.response().count(), 2u);
  EXPECT_EQ(tally.last_completion(), 3s);
}

TEST(RunTally, CountsDroppedTasksAndThoseThatMissedTheirDeadline) {
  RunTally tally = small_tally();
  tally.add(with_deadline(done_task(1, 1, 3, 5ms), 5ms), Instant(1s));
  tally.add(with_deadline(done_task(1, 2, 3, 6ms), 5ms), Instant(1s));
  tally.add(with_deadline(failed_task(1, 3, "no window"), 1h), Instant(1s));
  tally.add(with_deadline(dropped_task(1, 4), 1h), Instant(2s));
  tally.add(dropped_task(0, 5), Instant(2s));
  EXPECT_EQ(tally.classes()[1].with_deadline, 4u);
  EXPECT_EQ(tally.classes()[1].missed, 3u);
  EXPECT_EQ(tally.classes()[1].dropped, 1u);
  EXPECT_EQ(tally.classes()[0].with_deadline, 0u);
  EXPECT_EQ(tally.done(), 2u);
  EXPECT_EQ(tally.failed(), 1u);
  EXPECT_EQ(tally.dropped(), 2u);
  EXPECT_EQ(tally.last_completion(), 1s) << "a dropped task completes nothing";
  EXPECT_EQ(tally.response().count(), 2u);
}

TEST(RunTally, LeavesFailedTasksOutOfTheDigest) {
  RunTally tally = small_tally();
  tally.add(done_task(0, 1), Instant(1s));
  const StreamDigest before = tally.digests()[0];
  tally.add(failed_task(0, 2, "no window"), Instant(1s));
  EXPECT_EQ(tally.digests()[0], before);
  EXPECT_EQ(tally.digests()[0].count(), 1u);
  EXPECT_EQ(tally.digests()[1].count(), 0u);
}

TEST(RunTally, MergedFromAllHomesEqualsOneTallyOfAllTasks) {
  RunTally all = small_tally();
  std::vector<RunTally> homes(3, small_tally());
  for (std::uint64_t i = 0; i < 60; ++i) {
    all.add(nth_task(i), Instant(1ms * i));
    homes[i % 3].add(nth_task(i), Instant(1ms * i));
  }
  RunTally merged = small_tally();
  for (const RunTally& home : homes) merged.merge(home);
  EXPECT_EQ(merged.done(), all.done());
  EXPECT_EQ(merged.failed(), all.failed());
  EXPECT_EQ(encoded(merged).size(), encoded(all).size());
  EXPECT_EQ(merged.dropped(), all.dropped());
  EXPECT_EQ(merged.classes()[0].missed, all.classes()[0].missed);
  EXPECT_GT(merged.classes()[0].missed, 0u);
  EXPECT_EQ(merged.digests(), all.digests());
  EXPECT_EQ(merged.last_completion(), all.last_completion());
  EXPECT_EQ(merged.response().quantile(0.95), all.response().quantile(0.95));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(merged.nodes()[i].done, all.nodes()[i].done);
    EXPECT_NEAR(merged.nodes()[i].response_s, all.nodes()[i].response_s, 1e-9);
  }
}

TEST(RunTally, SurvivesEncodingAndDecoding) {
  RunTally tally = small_tally();
  for (std::uint64_t i = 0; i < 60; ++i) tally.add(nth_task(i), Instant(1ms * i));
  const Bytes bytes = encoded(tally);
  RunTally copy = small_tally();
  ByteReader in(bytes);
  ASSERT_TRUE(copy.decode(in));
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_EQ(encoded(copy), bytes);
  EXPECT_EQ(copy.done(), tally.done());
  EXPECT_EQ(copy.last_completion(), tally.last_completion());
}

TEST(RunTally, NoticesBytesThatAreCutOff) {
  RunTally tally = small_tally();
  for (std::uint64_t i = 0; i < 5; ++i) tally.add(nth_task(i), Instant(1ms * i));
  const Bytes bytes = encoded(tally);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    RunTally copy = small_tally();
    ByteReader in(std::span<const std::byte>(bytes).first(size));
    EXPECT_FALSE(copy.decode(in)) << size << " of " << bytes.size() << " bytes";
  }
}

}  // namespace
}  // namespace weir
