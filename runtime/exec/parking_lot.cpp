#include "runtime/exec/parking_lot.hpp"

#include <algorithm>

namespace weir {

void ParkingLot::announce(WorkerId worker) {
  const std::lock_guard lock(mutex_);
  parked_.push_back(worker);
  parked_count_.store(parked_.size(), std::memory_order_seq_cst);
}

void ParkingLot::withdraw(WorkerId worker) {
  {
    const std::lock_guard lock(mutex_);
    const auto place = std::ranges::find(parked_, worker);
    if (place != parked_.end()) {
      parked_.erase(place);
      parked_count_.store(parked_.size(), std::memory_order_seq_cst);
      return;
    }
  }
  wait(worker);  // A wake has this worker's name on it and is at most moments away.
}

void ParkingLot::wait(WorkerId worker) {
  Place& place = places_[static_cast<std::size_t>(worker.value())];
  std::unique_lock lock(place.mutex);
  place.bell.wait(lock, [&place] { return place.rung; });
  place.rung = false;
}

std::size_t ParkingLot::wake(std::size_t most) {
  std::size_t woken = 0;
  while (woken < most && parked_count_.load(std::memory_order_seq_cst) > 0) {
    WorkerId worker;
    {
      const std::lock_guard lock(mutex_);
      if (parked_.empty()) return woken;
      worker = parked_.back();
      parked_.pop_back();
      parked_count_.store(parked_.size(), std::memory_order_seq_cst);
    }
    ring_bell(worker);
    ++woken;
  }
  return woken;
}

void ParkingLot::ring_bell(WorkerId worker) {
  Place& place = places_[static_cast<std::size_t>(worker.value())];
  {
    const std::lock_guard lock(place.mutex);
    place.rung = true;
  }
  // Without the lock, on which the woken worker would only have to sleep again.
  place.bell.notify_one();
}

}  // namespace weir
