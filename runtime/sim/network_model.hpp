// When a message arrives. It leaves its rank when those before it have left, at the bandwidth of
// the rank's link; travels for the latency; and enters the receiver at the bandwidth of that link,
// again one after the other. Store and forward: a message that meets no other takes latency plus
// twice its bytes over the bandwidth.

#pragma once

#include <cstddef>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/sim/sim_time.hpp"

namespace weir {

struct NetworkOptions {
  Duration latency = std::chrono::microseconds(20);
  double bytes_per_s = 1.25e9;  // of each rank's link, in each direction; 0: without limit
};

class NetworkModel {
 public:
  NetworkModel(const NetworkOptions& options, int rank_count);

  // Calls must not go back in time. Messages of a pair of ranks keep their order.
  SimTime deliver(RankId from, RankId to, std::size_t bytes, SimTime now);

 private:
  Duration time_on_link(std::size_t bytes) const;

  NetworkOptions options_;
  std::vector<SimTime> out_free_;  // when the link from this rank is free again
  std::vector<SimTime> in_free_;
};

}  // namespace weir
