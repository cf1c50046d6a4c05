// What a planner takes for the arrivals to come, in place of those that it has measured.

#pragma once

#include <span>

#include "runtime/base/time.hpp"

namespace weir {

class ArrivalOutlook {
 public:
  virtual ~ArrivalOutlook() = default;

  // Both by class. `arrived`: tasks since the run began, as far as is known now. `rates_per_s`:
  // what was measured of late, to be replaced by what should be planned for. Once per plan; `now`
  // never goes back.
  virtual void foretell(std::span<const double> arrived, Instant now,
                        std::span<double> rates_per_s) = 0;
};

}  // namespace weir
