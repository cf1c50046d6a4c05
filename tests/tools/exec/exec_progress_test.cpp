#include "tools/exec/exec_progress.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(ExecProgress, TellsHowLongTheRestShouldTake) {
  EXPECT_EQ(progress_text({{.done = 50, .failed = 2}, 8, 150, 10s}, 200),
            "  10.0 s     50 done of 150  2 failed  8 under way  5/s  20 s left");
}

TEST(ExecProgress, GuessesNothingOfAStreamOrBeforeTheFirstEnd) {
  EXPECT_EQ(progress_text({{.done = 50}, 8, std::nullopt, 10s}, 200),
            "  10.0 s     50 done  0 failed  8 under way  5/s");
  EXPECT_EQ(progress_text({{}, 8, 150, 10s}, 200),
            "  10.0 s      0 done of 150  0 failed  8 under way  0/s");
}

TEST(ExecProgress, FitsTheTerminal) {
  EXPECT_EQ(progress_text({{.done = 50}, 8, 150, 10s}, 12), "  10.0 s   ");
}

}  // namespace
}  // namespace weir
