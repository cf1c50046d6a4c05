#include "tools/launch/reach_command.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

TEST(ReachCommand, FailsAsTheProgramDoesThatReachesNoHost) {
  EXPECT_EQ(reach_command({"sh", "-c", "exit 255", "host"}), 255);
  EXPECT_EQ(reach_command({"sh", "-c", "kill -9 $$", "host"}), 137);
  EXPECT_EQ(reach_command({"true"}), 0);
}

TEST(ReachCommand, SaysWhichProgramIsMissing) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(reach_command({"/no/such/shell", "host"}), 127);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("/no/such/shell"), std::string::npos);
  EXPECT_NE(refusal([] { reach_command({}); }).find("such as ssh"), std::string::npos);
}

}  // namespace
}  // namespace weir
