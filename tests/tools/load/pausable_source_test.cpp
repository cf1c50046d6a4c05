#include "tools/load/pausable_source.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr Instant kBegin{};

// One task at each of these times.
class Tasks final : public TaskSource {
 public:
  explicit Tasks(std::deque<Duration> times) : times_(std::move(times)) {}
  Instant next_due() const override { return times_.empty() ? kNever : kBegin + times_.front(); }
  Task take() override {
    times_.pop_front();
    return {};
  }
  bool exhausted() const override { return times_.empty(); }

 private:
  std::deque<Duration> times_;
};

TEST(PausableSource, IsItsSourceAsLongAsNobodyHoldsIt) {
  Tasks tasks({1s, 2s});
  PausableSource source(tasks);
  EXPECT_EQ(source.next_due(), kBegin + 1s);
  source.take();
  EXPECT_EQ(source.next_due(), kBegin + 2s);
  source.take();
  EXPECT_TRUE(source.exhausted());
  EXPECT_FALSE(source.has_more());
}

TEST(PausableSource, GivesNothingWhileItIsHeldAndIsNotExhausted) {
  Tasks tasks({1s});
  PausableSource source(tasks);
  source.hold();
  EXPECT_EQ(source.next_due(), kNever);
  EXPECT_FALSE(source.exhausted());
}

// What a home has taken over is made ready on a thread.
class NotReady final : public TaskSource {
 public:
  Instant next_due() const override { return kNever; }
  Task take() override { return {}; }
  bool exhausted() const override { return false; }
};

TEST(PausableSource, IsNotExhaustedWhereItsSourceHasNothingYet) {
  NotReady later;
  PausableSource source(later);
  EXPECT_EQ(source.next_due(), kNever);
  EXPECT_FALSE(source.exhausted());
  source.go_on_until(kBegin + 1s);
  EXPECT_FALSE(source.exhausted());
}

TEST(PausableSource, IsExhaustedWithItsSourceAlsoWhileItIsHeld) {
  Tasks tasks({});
  PausableSource source(tasks);
  source.hold();
  EXPECT_TRUE(source.exhausted());
}

TEST(PausableSource, GoesOnUntilTheEndAndLeavesTheRest) {
  Tasks tasks({1s, 2s, 3s});
  PausableSource source(tasks);
  source.hold();
  source.go_on_until(kBegin + 3s);
  source.take();
  EXPECT_FALSE(source.exhausted());
  source.take();
  EXPECT_TRUE(source.exhausted()) << "what is due at the end is left";
  EXPECT_EQ(source.next_due(), kNever);
  EXPECT_TRUE(source.has_more());
}

// Sensors report in step: at the frontier of one home another may have something left.
TEST(PausableSource, HasItsFrontierBehindAllThatWasTaken) {
  Tasks tasks({1s, 1s, 2s});
  PausableSource source(tasks);
  EXPECT_EQ(source.frontier(), kBegin);
  source.take();
  EXPECT_GT(source.frontier(), kBegin + 1s);
  source.hold();
  source.go_on_until(source.frontier());
  EXPECT_FALSE(source.exhausted()) << "its own second task of that time";
  source.take();
  EXPECT_TRUE(source.exhausted());
}

TEST(PausableSourceDeathTest, RefusesToEndBeforeWhatWasTaken) {
  Tasks tasks({1s, 2s});
  PausableSource source(tasks);
  source.take();
  EXPECT_DEATH(source.go_on_until(kBegin + 500ms), "before what was taken");
}

}  // namespace
}  // namespace weir
