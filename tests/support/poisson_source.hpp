// Tasks at exponential intervals.

#pragma once

#include <memory>

#include "runtime/base/random.hpp"
#include "runtime/control/task_source.hpp"

namespace weir {

struct PoissonArrivals {
  double rate_per_s = 1;
  std::uint64_t count = 1000;
  std::uint64_t seed = 1;
  std::uint16_t stream = 0;  // of the task ids
  int class_count = 1;       // drawn evenly
};

// Of what one seed governs. Policies draw from the same seed: a task's node must not follow from
// the gap before the task.
inline constexpr std::uint64_t kArrivalsPart = 0x6172726976616c73;

class PoissonSource final : public TaskSource {
 public:
  PoissonSource(const PoissonArrivals& arrivals, Instant start)
      : arrivals_(arrivals),
        random_(mix_bits(arrivals.seed) ^ kArrivalsPart, arrivals.stream),
        due_(start) {
    draw_next();
  }

  Instant next_due() const override { return exhausted() ? kNever : due_; }
  Task take() override {
    Task task;
    task.header.id = make_task_id(StreamId(arrivals_.stream), taken_++);
    task.header.task_class = ClassId(static_cast<std::uint8_t>(
        random_.below(static_cast<std::uint64_t>(arrivals_.class_count))));
    task.header.arrival = due_;
    draw_next();
    return task;
  }
  bool exhausted() const override { return taken_ == arrivals_.count; }

 private:
  void draw_next() { due_ += from_seconds(random_.exponential(1 / arrivals_.rate_per_s)); }

  PoissonArrivals arrivals_;
  Random random_;
  Instant due_;
  std::uint64_t taken_ = 0;
};

// These arrivals at every home, each as a stream of its own.
inline auto poisson_at_each_home(const PoissonArrivals& each) {
  return [each](RankId home, Instant start) {
    PoissonArrivals own = each;
    own.stream = static_cast<std::uint16_t>(home.value());
    return std::make_unique<PoissonSource>(own, start);
  };
}

}  // namespace weir
