#include "tools/run/survivors_line.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

std::set<RankId> ranks(std::initializer_list<int> numbers) {
  std::set<RankId> all;
  for (const int number : numbers) all.emplace(number);
  return all;
}

TEST(SurvivorsLine, NamesWhoIsMissing) {
  EXPECT_EQ(survivors_line("weir-run", ranks({3}), 0),
            "weir-run: ended without rank 3: exit code 0\n");
  EXPECT_EQ(survivors_line("weir-run", ranks({8, 3, 5}), 130),
            "weir-run: ended without ranks 3, 5 and 8: exit code 130\n");
}

TEST(ExitLineFinder, FindsTheLineHoweverItComes) {
  const std::string text = "something\n" + exit_line("weir-run", "weir-17", 75) + "more\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    ExitLineFinder finder("weir-17");
    finder.take(std::string_view(text).substr(0, cut));
    finder.take(std::string_view(text).substr(cut));
    EXPECT_EQ(finder.exit_code(), 75);
  }
}

TEST(ExitLineFinder, FindsTheLineBehindALineOfProgress) {
  ExitLineFinder finder("weir-17");
  finder.take("\r 1.0 s  10 done\x1b[K\r\x1b[K" + exit_line("weir-run", "weir-17", 130));
  EXPECT_EQ(finder.exit_code(), 130);
}

TEST(ExitLineFinder, FindsThatRanksHaveBegun) {
  ExitLineFinder finder("weir-17");
  finder.take(begin_line("weir-run", "weir-18") + "weir-run: begun\n");
  EXPECT_FALSE(finder.begun());
  finder.take(begin_line("weir-run", "weir-17"));
  EXPECT_TRUE(finder.begun());
  EXPECT_EQ(finder.exit_code(), std::nullopt);
}

TEST(ExitLineFinder, FindsNothingThatAnybodyElseHasWritten) {
  ExitLineFinder finder("weir-17");
  finder.take(survivors_line("weir-run", ranks({3}), 0));
  finder.take(exit_line("weir-run", "weir-18", 0));
  finder.take(exit_line("weir-run", "", 0));
  finder.take("[weir-17] weir-run: exit code x\n");
  finder.take("[weir-17] weir-run: exit code 0");
  EXPECT_EQ(finder.exit_code(), std::nullopt) << "that line is not whole";
}

}  // namespace
}  // namespace weir
