// The seam to what the node measures about itself.

#pragma once

#include "runtime/base/time.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

class Telemetry {
 public:
  virtual ~Telemetry() = default;
  // Covers the time since the last call. Called a few times a second, from the control thread.
  virtual NodeTelemetry sample(Instant now) = 0;
};

// Of a node that only exists in emulation: nothing is measured, so everything is absent.
class AbsentTelemetry final : public Telemetry {
 public:
  NodeTelemetry sample(Instant) override { return {}; }
};

}  // namespace weir
