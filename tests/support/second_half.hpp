// A simulated world with Poisson arrivals, and the mean response of the second half of its tasks.

#pragma once

#include <cstdint>

#include "runtime/sim/simulation.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/poisson_source.hpp"

namespace weir {

struct SecondHalf {
  double mean_response_s = 0;
  std::uint64_t journal = 0;
  bool operator==(const SecondHalf&) const = default;
};

class MeanOfTheSecondHalf final : public SimulationSink {
 public:
  // `own` are the arrivals of each home.
  explicit MeanOfTheSecondHalf(const PoissonArrivals& own) : first_counted_(own.count / 2) {}

  void on_completed(const CompletedTask& task, SimTime) override {
    if (index_of(task.header.id) < first_counted_) return;
    sum_s_ += to_seconds(task.response);
    ++count_;
  }
  double mean_s() const { return sum_s_ / count_; }

 private:
  std::uint64_t first_counted_;
  double sum_s_ = 0;
  double count_ = 0;
};

// `all` are the arrivals of all homes together; each has an equal part. It is played twice.
inline SecondHalf second_half_of(const SimulationOptions& options, const PoissonArrivals& all) {
  PoissonArrivals each = all;
  each.rate_per_s /= options.dispatcher_count;
  each.count /= static_cast<std::uint64_t>(options.dispatcher_count);
  return play_twice([&]() -> SecondHalf {
    MeanOfTheSecondHalf sink(each);
    Simulation world(options, poisson_at_each_home(each), sink);
    world.run();
    return {sink.mean_s(), world.journal()};
  });
}

}  // namespace weir
