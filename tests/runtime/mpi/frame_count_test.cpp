#include "runtime/mpi/frame_count.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace weir {
namespace {

TEST(FrameCount, TellsTheReceiverWhetherTheSenderWaits) {
  FrameCount count;
  EXPECT_FALSE(count.take());
  count.set_waits(true);
  EXPECT_TRUE(count.take());
  count.set_waits(false);
  EXPECT_FALSE(count.take());
  EXPECT_EQ(count.taken(), 3U);
}

// The sender may have looked just before the last one was taken: then it must have been told.
TEST(FrameCount, NeverLeavesTheSenderWaitingForTheLastOne) {
  for (int round = 0; round < 2000; ++round) {
    FrameCount count;
    bool told = false;
    std::thread receiver([&] { told = count.take(); });
    count.set_waits(true);
    const bool seen = count.taken() == 1;
    receiver.join();
    EXPECT_TRUE(seen || told);
  }
}

}  // namespace
}  // namespace weir
