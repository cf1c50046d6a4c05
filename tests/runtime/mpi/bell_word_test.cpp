#include "runtime/mpi/bell_word.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kLate = std::int64_t{1} << 62;

TEST(BellWord, IsRungOnceBySleep) {
  BellWord word;
  EXPECT_FALSE(word.ring(0, 0s));
  ASSERT_TRUE(word.announce_sleep(kLate));
  EXPECT_TRUE(word.ring(0, 0s));
  EXPECT_FALSE(word.ring(0, 0s));
  EXPECT_EQ(word.answer(), SleepState::kRung);
  EXPECT_FALSE(word.ring(0, 0s));
}

// The rank that rang may be stopped before it ends the sleep.
TEST(BellWord, LetsAThreadEndASleepThatWasRungAlready) {
  BellWord word;
  ASSERT_TRUE(word.announce_sleep(kLate));
  ASSERT_TRUE(word.ring(0, 0s));
  EXPECT_TRUE(word.wake());
  EXPECT_FALSE(word.wake());
  EXPECT_EQ(word.answer(), SleepState::kWoken);
  EXPECT_FALSE(word.wake());
}

TEST(BellWord, SaysWhetherTheTimeHasPassed) {
  BellWord word;
  ASSERT_TRUE(word.announce_sleep(kLate));
  EXPECT_FALSE(word.sleep(0s));
  EXPECT_FALSE(word.sleep(1ms));
  ASSERT_TRUE(word.ring(0, 0s));
  EXPECT_TRUE(word.sleep(1000s));
}

}  // namespace
}  // namespace weir
