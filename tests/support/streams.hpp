// Short ways to run a stream in a test.

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "jobs/stream.hpp"

namespace weir {

inline std::vector<Arrival> drain(Stream& stream) {
  std::vector<Arrival> arrivals;
  for (Arrival arrival; stream.next(arrival);) arrivals.push_back(arrival);
  return arrivals;
}

// One payload per arrival: asked for where `wants(index)` says so, empty elsewhere.
template <typename Wants>
std::vector<Bytes> payloads_of(Stream& stream, Wants wants) {
  std::vector<Bytes> payloads;
  for (Arrival arrival; stream.next(arrival);) {
    payloads.emplace_back();
    if (wants(arrival.index)) stream.append_payload(payloads.back());
  }
  return payloads;
}

inline StreamOptions at_rate(double rate_per_s, double duration_s, std::uint64_t seed = 1) {
  StreamOptions options;
  options.rate_per_s = rate_per_s;
  options.duration = from_seconds(duration_s);
  options.seed = seed;
  return options;
}

inline bool equal(const Arrival& a, const Arrival& b) {
  return a.at == b.at && a.index == b.index && a.key == b.key && a.work_units == b.work_units;
}

}  // namespace weir
