#include "tools/exec/exec_source.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

class ExecSourceTest : public testing::Test {
 protected:
  ExecSourceTest() { source_.on_round(now_); }

  // As many as it gives now.
  int take_all() {
    int count = 0;
    for (; source_.next_due() <= now_; ++count) last_ = source_.take();
    return count;
  }

  const Instant now_{5s};
  CommandFeed feed_{std::vector<std::string>(100'000, "a b")};
  OpenCommands open_;
  ExecSource source_{
      {.kind = KindId(3), .words = {"echo", "x{}"}, .memory_bytes = 7, .worker_count = 2},
      feed_,
      open_};
  Task last_;
};

TEST_F(ExecSourceTest, MakesTasksOfCommands) {
  const Task task = source_.take();
  EXPECT_EQ(index_of(task.header.id), 1);
  EXPECT_EQ(task.header.kind, KindId(3));
  EXPECT_EQ(task.header.arrival, now_);
  EXPECT_EQ(task.header.memory_bytes, 7);
  const auto command = decode_command_task(task.payload.bytes());
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->number, 1);
  EXPECT_EQ(command->words, (std::vector<std::string>{"echo", "xa b"}));
  EXPECT_EQ(open_.remove(1).text, "echo 'xa b'");
}

TEST_F(ExecSourceTest, PlacesTwoForEachWorkerAsLongAsNothingIsKnown) { EXPECT_EQ(take_all(), 4); }

TEST_F(ExecSourceTest, PlacesMoreOfShortCommandsAheadOfTheirTime) {
  open_.on_ran(ClassId(0), 1ms);
  EXPECT_EQ(take_all(), 200);
  open_.remove(1);
  EXPECT_EQ(take_all(), 1);
}

TEST_F(ExecSourceTest, PlacesFewOfLongCommandsAhead) {
  open_.on_ran(ClassId(0), 10s);
  EXPECT_EQ(take_all(), 4);
  EXPECT_EQ(last_.header.cost_hint, 10s);
}

TEST_F(ExecSourceTest, IsExhaustedWithItsFeed) {
  CommandFeed nothing{std::vector<std::string>{}};
  const ExecSource source({}, nothing, open_);
  EXPECT_TRUE(source.exhausted());
  EXPECT_EQ(source.next_due(), kNever);
  EXPECT_FALSE(source_.exhausted());
}

TEST(CommandOf, IsALineForTheShellWhereThereIsNoTemplate) {
  const CommandTask task = command_of({}, "echo $HOME", 4);
  EXPECT_TRUE(task.for_shell);
  EXPECT_EQ(text_of(task), "echo $HOME");
}

}  // namespace
}  // namespace weir
