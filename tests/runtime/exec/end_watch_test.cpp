#include "runtime/exec/end_watch.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TaskEnd end_after(Duration waited, Duration service) {
  TaskEnd end;
  end.waited = waited;
  end.service = service;
  return end;
}

TEST(EndWatch, LeavesAnEndForAPartOfWhatItsTaskTook) {
  EXPECT_EQ(patience_for(end_after(6ms, 2ms)), 1ms);
  EXPECT_EQ(patience_for(end_after(1us, 1us)), kLeastPatience);
  EXPECT_EQ(patience_for(end_after(100s, 1s)), kEndTick);
}

TEST(EndWatch, LooksOnceATickWhileEndsAreDense) {
  EndWatch watch;
  EXPECT_EQ(watch.next_look(), kNever);
  Instant now(1s);
  watch.on_taken(1, true, now);
  EXPECT_EQ(watch.next_look(), kNever);  // The one before is not known.
  now += 1ms;
  watch.on_taken(1, true, now);
  EXPECT_EQ(watch.next_look(), now + kEndTick);
  now += kEndTick;
  watch.on_taken(2, true, now);
  EXPECT_EQ(watch.next_look(), now + kEndTick);
  now += kEndTick;
  watch.on_taken(1, true, now);
  EXPECT_EQ(watch.next_look(), kNever);
}

TEST(EndWatch, IsNotPutOffByLooksInBetween) {
  EndWatch watch;
  watch.on_taken(1, true, Instant(1s));
  watch.on_taken(1, true, Instant(1001ms));
  const Instant look = watch.next_look();
  watch.on_taken(0, true, Instant(1005ms));
  EXPECT_EQ(watch.next_look(), look);
  watch.on_taken(0, true, look);
  EXPECT_EQ(watch.next_look(), kNever);
}

TEST(EndWatch, StopsWhereAWorkerMayRunOutOfTasks) {
  EndWatch watch;
  watch.on_taken(1, true, Instant(1s));
  watch.on_taken(1, true, Instant(1001ms));
  watch.on_taken(0, false, Instant(1002ms));
  EXPECT_EQ(watch.next_look(), kNever);
  watch.on_taken(5, false, Instant(1003ms));
  EXPECT_EQ(watch.next_look(), kNever);
}

}  // namespace
}  // namespace weir
