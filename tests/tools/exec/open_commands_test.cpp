#include "tools/exec/open_commands.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(OpenCommands, GiveEachOfTheFirstNamesAClassOfItsOwn) {
  OpenCommands open;
  for (int i = 0; i < kMaxClasses + 3; ++i) {
    const int expected = std::min(i, kMaxClasses - 1);
    EXPECT_EQ(open.class_of("name" + std::to_string(i)).value(), expected);
  }
  EXPECT_EQ(open.class_of("name2").value(), 2);
}

TEST(OpenCommands, KnowWhatCommandsOfAClassTake) {
  OpenCommands open;
  EXPECT_EQ(open.mean_time(ClassId(1)), 0s);
  open.on_ran(ClassId(1), 1s);
  open.on_ran(ClassId(1), 3s);
  open.on_ran(ClassId(2), 100s);
  EXPECT_EQ(open.mean_time(ClassId(1)), 2s);
}

TEST(OpenCommands, FollowWhatTheLatestOfAllTook) {
  OpenCommands open;
  EXPECT_EQ(open.mean_time(), 0s);
  open.on_ran(ClassId(0), 1s);
  EXPECT_EQ(open.mean_time(), 1s);
  for (int i = 0; i < 500; ++i) open.on_ran(ClassId(1), 10ms);
  EXPECT_LT(open.mean_time(), 11ms);
}

TEST(OpenCommands, AreThoseThatHaveNotEnded) {
  OpenCommands open;
  open.add(5, {"echo", ClassId(1)});
  EXPECT_EQ(open.count(), 1);
  EXPECT_EQ(open.remove(5).text, "echo");
  EXPECT_EQ(open.count(), 0);
}

}  // namespace
}  // namespace weir
