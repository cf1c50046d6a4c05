#include "runtime/session/host_telemetry.hpp"

namespace weir {
namespace {

constexpr Duration kInterval = std::chrono::milliseconds(250);

}  // namespace

NodeTelemetry HostTelemetry::sample(Instant now) {
  if (last_ && now - *last_ < kInterval) return telemetry_;
  const UtilizationSample sample = sampler_.sample();
  telemetry_ = {};
  telemetry_.cpu_utilization = sample.busy;
  if (sample.memory) {
    telemetry_.memory_used_bytes = static_cast<double>(sample.memory->used_bytes());
    telemetry_.memory_available_bytes = static_cast<double>(sample.memory->available_bytes);
  }
  if (sample.cpu_pressure) telemetry_.cpu_pressure = sample.cpu_pressure->some_share;
  std::optional<std::uint64_t> bytes;
  if (sample.network) bytes = sample.network->received_bytes + sample.network->sent_bytes;
  if (last_ && bytes && network_bytes_ && *bytes >= *network_bytes_) {
    telemetry_.network_bytes_per_s =
        static_cast<double>(*bytes - *network_bytes_) / to_seconds(now - *last_);
  }
  network_bytes_ = bytes;
  last_ = now;
  return telemetry_;
}

}  // namespace weir
