// What the operating system says about this node's share of its host.

#pragma once

#include <cstdint>
#include <optional>

#include "runtime/environment/telemetry.hpp"
#include "topology/utilization.hpp"

namespace weir {

// Reads the system's counters at most four times a second, however often it is asked, so that it
// costs less than 0.1 % of a core; in between it repeats itself.
class HostTelemetry final : public Telemetry {
 public:
  HostTelemetry(const Machine& machine, const Cpuset& cpuset) : sampler_(machine, cpuset) {}

  NodeTelemetry sample(Instant now) override;

 private:
  UtilizationSampler sampler_;
  std::optional<Instant> last_;
  std::optional<std::uint64_t> network_bytes_;
  NodeTelemetry telemetry_;
};

}  // namespace weir
