// The seam to whatever foretells how many tasks will come: a trained forecaster, or one of a test.

#pragma once

#include <optional>
#include <span>

#include "runtime/base/ids.hpp"

namespace weir {

// What one second has brought of a class.
struct ArrivalBin {
  double count = 0;
  // From the end of the second to the next rise that is announced; negative while it lasts.
  std::optional<double> event_in_s = {};
};

// Of tasks per second: as likely more as less, and rarely more.
struct ArrivalForecast {
  double median = 0;
  double high = 0;
};

class DemandForecaster {
 public:
  virtual ~DemandForecaster() = default;

  // The second that has ended. The same number of classes each time.
  virtual void on_bin(std::span<const ArrivalBin> by_class) = 0;

  // What arrives so many seconds after the end of that second; after at least one. Whoever asks
  // checks that it is sane.
  virtual ArrivalForecast forecast(ClassId task_class, double ahead_s) const = 0;
};

}  // namespace weir
