#include "tools/start_limit.hpp"

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

TEST(StartLimitDeathTest, LeavesARankAloneThatHasBegun) {
  EXPECT_EXIT(
      {
        StartLimit limit(1s);
        limit.met();
        ::sleep(2);  // Longer than the limit.
        ::_exit(0);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace weir
