// The seam to time.

#pragma once

#include "runtime/base/time.hpp"

namespace weir {

class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back. Any thread.
  virtual Instant now() const = 0;
};

}  // namespace weir
