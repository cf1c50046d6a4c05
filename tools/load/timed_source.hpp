// A source that knows what making its tasks cost: that is the load's price, not that of scheduling,
// and both are paid on the control thread.

#pragma once

#include <cstdint>
#include <functional>

#include "runtime/control/task_source.hpp"

namespace weir {

class TimedSource final : public TaskSource {
 public:
  // Reading the processor time of a thread costs about as much as making a small task, so only the
  // first tasks are measured each, and then one in many.
  static constexpr std::uint64_t kMeasuredFirst = 1024;
  static constexpr std::uint64_t kOneIn = 64;

  // Seconds of processor time of the calling thread.
  using CpuClock = std::function<double()>;

  // `source` outlives it.
  TimedSource(TaskSource& source, CpuClock clock);

  Instant next_due() const override { return source_.next_due(); }
  Task take() override;
  bool exhausted() const override { return source_.exhausted(); }
  std::optional<AnnouncedRise> next_announced(Instant now) override {
    return source_.next_announced(now);
  }

  // Processor time that making all tasks took until now: measured, less what measuring costs, and
  // estimated for those in between.
  double making_s() const;

 private:
  struct Sample {
    double sum_s = 0;
    std::uint64_t count = 0;
  };

  TaskSource& source_;
  CpuClock clock_;
  double reading_s_;  // what reading the clock adds to a measured span
  std::uint64_t taken_ = 0;
  Sample first_;
  Sample later_;
};

}  // namespace weir
