// The rank's own clock: monotonic, zero when it is made.

#pragma once

#include <chrono>

#include "runtime/environment/clock.hpp"

namespace weir {

// A reading costs about 25 ns.
class SteadyClock final : public Clock {
 public:
  SteadyClock() : start_(std::chrono::steady_clock::now()) {}
  Instant now() const override;

 private:
  std::chrono::steady_clock::time_point start_;
};

}  // namespace weir
