#include "tools/load/timed_source.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

// Reading it takes as long as it says.
struct FakeClock {
  double now_s = 0;
  double reading_s = 0;
  double read() { return now_s += reading_s; }
};

// Numbers its tasks; making one takes some time.
class CostlySource final : public TaskSource {
 public:
  CostlySource(FakeClock& clock, std::uint64_t count) : clock_(clock), left_(count) {}
  Instant next_due() const override { return exhausted() ? kNever : Instant{}; }
  Task take() override {
    clock_.now_s += cost_s;
    Task task;
    task.header.id = TaskId(left_--);
    return task;
  }
  bool exhausted() const override { return left_ == 0; }

  double cost_s = 0.001;

 private:
  FakeClock& clock_;
  std::uint64_t left_;
};

TEST(TimedSource, GivesTheTasksOfItsSource) {
  FakeClock clock;
  CostlySource source(clock, 2);
  TimedSource timed(source, [&] { return clock.read(); });
  EXPECT_EQ(timed.next_due(), Instant{});
  EXPECT_EQ(timed.take().header.id, TaskId(2));
  EXPECT_FALSE(timed.exhausted());
  EXPECT_EQ(timed.take().header.id, TaskId(1));
  EXPECT_TRUE(timed.exhausted());
  EXPECT_EQ(timed.next_due(), kNever);
}

TEST(TimedSource, CountsWhatMakingTasksTakesAndNotWhatMeasuringDoes) {
  FakeClock clock{.reading_s = 0.25};
  CostlySource source(clock, 3);
  TimedSource timed(source, [&] { return clock.read(); });
  EXPECT_EQ(timed.making_s(), 0);
  for (int i = 0; i < 3; ++i) timed.take();
  EXPECT_NEAR(timed.making_s(), 0.003, 1e-9);
}

TEST(TimedSource, EstimatesTheTasksThatItDidNotMeasureFromLaterOnesThatItDid) {
  constexpr std::uint64_t kLater = 100 * TimedSource::kOneIn;
  FakeClock clock;
  CostlySource source(clock, TimedSource::kMeasuredFirst + kLater);
  int readings = 0;
  TimedSource timed(source, [&] { return ++readings, clock.read(); });
  const int before = readings;
  for (std::uint64_t i = 0; i < TimedSource::kMeasuredFirst; ++i) timed.take();
  source.cost_s = 0.002;
  for (std::uint64_t i = 0; i < kLater; ++i) timed.take();
  EXPECT_NEAR(timed.making_s(), 0.001 * TimedSource::kMeasuredFirst + 0.002 * kLater, 1e-6);
  EXPECT_EQ(readings - before, 2 * static_cast<int>(TimedSource::kMeasuredFirst + 100));
}

}  // namespace
}  // namespace weir
