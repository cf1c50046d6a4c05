// What ends the sleep of one worker that waits in a task.

#pragma once

#include "runtime/base/ids.hpp"

namespace weir {

class ParkingLot;

// A plain value, any thread. Does nothing for a worker that does not sleep.
class Wakeup {
 public:
  Wakeup() = default;
  Wakeup(ParkingLot& lot, WorkerId worker) : lot_(&lot), worker_(worker) {}

  // What this thread did before is seen by the worker. Takes a lock for moments.
  void wake() const;

 private:
  ParkingLot* lot_ = nullptr;
  WorkerId worker_;
};

}  // namespace weir
