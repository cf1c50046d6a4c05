// A forecast that is always right: it reads the streams of a simulated run ahead. What a better
// forecaster could be worth at most.

#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "runtime/environment/demand_forecaster.hpp"
#include "runtime/protocol/task.hpp"
#include "tools/stream_source.hpp"

namespace weir {

class KnownDemand final : public DemandForecaster {
 public:
  // The streams that all homes of the run together take their tasks from, opened once more.
  explicit KnownDemand(std::vector<NumberedStream> streams);

  // The first second is that from stream time zero.
  void on_bin(std::span<const ArrivalBin> by_class) override;
  // What arrives in the whole second that ends then, as the median and as the most; beyond
  // kSecondsAhead, what arrives there.
  ArrivalForecast forecast(ClassId task_class, double ahead_s) const override;

  static constexpr long kSecondsAhead = 120;

 private:
  StreamSource source_;
  std::vector<std::array<double, kMaxClasses>> seconds_;  // tasks of each class, by stream time
  std::size_t ended_ = 0;
};

}  // namespace weir
