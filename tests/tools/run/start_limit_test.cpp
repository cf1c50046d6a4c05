#include "tools/run/start_limit.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(StartLimitDeathTest, EndsARankThatWaitsForOthersForEver) {
  EXPECT_EXIT(
      {
        StartLimit limit(1s);
        ::pause();
      },
      testing::ExitedWithCode(1), "needed  all ranks until the run begins");
}

TEST(StartLimitDeathTest, SaysForWhatARankWaitsBeforeItEndsIt) {
  EXPECT_EXIT(
      {
        StartLimit limit(2s, 1s);
        ::pause();
        ::pause();
      },
      testing::ExitedWithCode(1),
      "waits for others that have not come yet(.|\n)*needed  all ranks");
}

TEST(StartLimit, LeavesARankAloneThatHasBegun) {
  StartLimit limit(1h);
  limit.met();
  EXPECT_EQ(::alarm(0), 0U) << "the limit still counts";
}

TEST(EndLimitDeathTest, EndsARankThatWaitsForTheDeadWithItsOwnCode) {
  EXPECT_EXIT(
      {
        limit_the_end(3, 1s);
        ::pause();
      },
      testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace weir
