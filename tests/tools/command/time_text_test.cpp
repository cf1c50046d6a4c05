#include "tools/command/time_text.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(TimeText, HasTwoPartsAtMost) {
  EXPECT_EQ(time_text(0), "0 s");
  EXPECT_EQ(time_text(59.4), "59 s");
  EXPECT_EQ(time_text(59.6), "1 min 0 s");
  EXPECT_EQ(time_text(200), "3 min 20 s");
  EXPECT_EQ(time_text(3900), "1 h 5 min");
}

}  // namespace
}  // namespace weir
