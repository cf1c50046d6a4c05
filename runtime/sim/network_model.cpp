#include "runtime/sim/network_model.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace weir {

NetworkModel::NetworkModel(const NetworkOptions& options, int rank_count)
    : options_(options),
      out_free_(static_cast<std::size_t>(rank_count)),
      in_free_(static_cast<std::size_t>(rank_count)) {
  WEIR_CHECK(options.latency >= Duration::zero() && options.bytes_per_s >= 0,
             "a network that is faster than no time");
}

Duration NetworkModel::time_on_link(std::size_t bytes) const {
  if (options_.bytes_per_s == 0) return Duration::zero();
  return from_seconds(static_cast<double>(bytes) / options_.bytes_per_s);
}

SimTime NetworkModel::deliver(RankId from, RankId to, std::size_t bytes, SimTime now) {
  const Duration on_link = time_on_link(bytes);
  SimTime& out = out_free_[static_cast<std::size_t>(from.value())];
  SimTime& in = in_free_[static_cast<std::size_t>(to.value())];
  out = std::max(out, now) + on_link;
  in = std::max(in, out + options_.latency) + on_link;
  return in;
}

}  // namespace weir
