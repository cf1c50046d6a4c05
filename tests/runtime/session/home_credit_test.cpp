#include "runtime/session/home_credit.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

TEST(HomeCredit, GivesTasksThatTasksSubmittedAsMuchAgainAtEachDepth) {
  HomeCredit credit(2);
  EXPECT_TRUE(credit.has_room(0, 1));
  EXPECT_FALSE(credit.has_room(0, 2));
  std::size_t in_flight = 2;
  for (const std::uint16_t depth : {std::uint16_t{1}, std::uint16_t{5}}) {
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(credit.has_room(depth, in_flight)) << depth;
      credit.on_begun(depth);
      ++in_flight;
    }
    EXPECT_FALSE(credit.has_room(depth, in_flight)) << depth;
  }
  credit.on_completed(1);
  EXPECT_TRUE(credit.has_room(1, in_flight));
  EXPECT_FALSE(credit.has_room(5, in_flight));
  EXPECT_FALSE(credit.has_room(0, in_flight));
}

Submission submission(std::uint64_t id, std::uint16_t depth) {
  Submission made;
  made.task.header.id = TaskId(id);
  made.task.header.depth = depth;
  return made;
}

TEST(SubmissionBacklog, GivesTheFirstOfEachDepthThatHasRoom) {
  SubmissionBacklog backlog;
  for (std::uint64_t id = 0; id < 6; ++id) backlog.add(submission(id, id % 2 == 0 ? 0 : 3));
  EXPECT_TRUE(backlog.has(3));
  EXPECT_FALSE(backlog.has(1));
  EXPECT_FALSE(backlog.has_some([](std::uint16_t depth) { return depth == 1; }));
  EXPECT_TRUE(backlog.has_some([](std::uint16_t depth) { return depth == 3; }));
  std::vector<std::uint64_t> taken;
  std::size_t told = 0;
  backlog.give(
      [&](Submission& one) {
        const bool takes = one.task.header.depth == 3 && taken.size() < 2;
        if (takes) taken.push_back(one.task.header.id.value());
        return takes;
      },
      [&] { ++told; });
  EXPECT_EQ(taken, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(told, 2U);
  EXPECT_EQ(backlog.size(), 4U);
  EXPECT_EQ(backlog.close().size(), 4U);
  EXPECT_TRUE(backlog.empty());
}

}  // namespace
}  // namespace weir
