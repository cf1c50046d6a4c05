// A stream as a forecaster sees it: one summary per bin of a second.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "jobs/stream.hpp"
#include "ml/inference/forecast.hpp"

namespace weir {

struct StreamBin {
  double count = 0;
  // Of the tasks of the bin, in work units; zero where it has none.
  double mean_work = 0;
  double p95_work = 0;
  // Fano factor: variance over mean of the counts of the ten tenths of the bin; 1 where it is
  // empty.
  double fano = 1;
  // From the end of the bin to the begin of the next announced event that is not over; negative
  // while its rate grows. Unset: none is known.
  std::optional<double> event_in_s = {};
};

// Counts arrivals into bins. `at` never decreases.
class BinCounter {
 public:
  void add(Duration at, std::uint32_t work_units);
  void announce(const AnnouncedEvent& event) { events_.push_back(event); }

  // When the bin that is being counted ends.
  Duration end() const { return end_; }

  // Its summary; the next bin begins. All of its arrivals have been added, and none of a later one.
  StreamBin finish();

 private:
  static constexpr std::size_t kParts = 10;

  Duration end_ = kForecastBin;
  std::array<std::uint32_t, kParts> parts_{};
  std::vector<std::uint32_t> work_;
  std::vector<AnnouncedEvent> events_;
};

// The whole bins of a stream, at most so many. The last one, which ends before the bin does, is
// left out.
std::vector<StreamBin> bins_of(Stream& stream,
                               std::size_t most = std::numeric_limits<std::size_t>::max());

std::vector<double> counts_of(const std::vector<StreamBin>& bins);

}  // namespace weir
