// What a stream is like: its rate, how bursty it is on which time scale, how its work is spread.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "jobs/stream.hpp"

namespace weir {

// Counts of arrivals in back-to-back windows from the first arrival on; the last window is left out
// where the stream ends inside it.
struct WindowStatistics {
  Duration window;
  std::uint64_t windows = 0;
  // Index of dispersion: variance over mean of the counts. 1: Poisson; above: bursty; below:
  // regular.
  double index_of_dispersion = 0;
  double peak_to_mean = 0;
};

struct StreamStatistics {
  std::string name;
  std::uint64_t arrivals = 0;
  double span_s = 0;  // From the first arrival to the last.
  double rate_per_s = 0;
  // Of the times between arrivals: standard deviation over mean, and the share that is 0 at the
  // stream's clock of 1 ns.
  double gap_variation = 0;
  double same_instant_share = 0;
  // Of the work units of the tasks.
  double mean_work_units = 0;
  double work_variation = 0;
  std::uint32_t max_work_units = 0;
  // The share of arrivals that the busiest 1 % of keys have, and how many keys there are.
  double top_key_share = 0;
  std::uint64_t keys = 0;
  std::vector<WindowStatistics> windows;
  std::vector<AnnouncedEvent> announced;  // until the last arrival
};

// 1 ms to 1 h.
std::span<const Duration> default_windows();

// Runs the stream to its end. Windows of which fewer than 10 fit are left out. Keys are counted up
// to a million different ones.
StreamStatistics measure(Stream& stream, std::span<const Duration> windows = default_windows());

}  // namespace weir
