#include "runtime/exec/parking_lot.hpp"

#include <algorithm>

#include "runtime/exec/asymmetric_fence.hpp"

namespace weir {
namespace {

constexpr WorkerId kNobody{-1};

}  // namespace

ParkingLot::ParkingLot(const std::vector<int>& domain_of, bool has_fence)
    : places_(domain_of.size()),
      has_fence_(has_fence),
      parked_(static_cast<std::size_t>(1 + *std::ranges::max_element(domain_of))),
      searcher_(kNobody) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    places_[i].domain = static_cast<std::size_t>(domain_of[i]);
  }
}

void ParkingLot::update_state() {
  const std::uint32_t searching = searcher_ == kNobody ? 0 : kSearching;
  const auto for_spawned = static_cast<std::uint32_t>(for_spawned_.size());
  state_.store(static_cast<std::uint32_t>(parked_count_) + for_spawned * kForSpawned + searching,
               std::memory_order_seq_cst);
}

void ParkingLot::announce(WorkerId worker, Wakes wakes) {
  {
    const std::lock_guard lock(mutex_);
    Place& its = place(worker);
    if (searcher_ == worker) searcher_ = kNobody;
    if (wakes == Wakes::kForAnyWork) {
      its.parked = Parked::kForAnyWork;
      parked_[its.domain].push_back(worker);
      ++parked_count_;
    } else if (wakes == Wakes::kForSpawned) {
      its.parked = Parked::kForSpawned;
      for_spawned_.push_back(worker);
    } else {
      its.parked = Parked::kForItselfOnly;
    }
    update_state();
  }
  if (has_fence_) heavy_fence();
}

// Nobody rings for the worker from here on, unless it was rung for already.
void ParkingLot::leave(WorkerId worker) {
  Place& its = place(worker);
  if (its.parked == Parked::kForAnyWork) {
    std::vector<WorkerId>& alike = parked_[its.domain];
    alike.erase(std::ranges::find(alike, worker));
    --parked_count_;
  } else if (its.parked == Parked::kForSpawned) {
    std::erase(for_spawned_, worker);
  }
  its.parked = Parked::kNo;
}

void ParkingLot::withdraw(WorkerId worker) {
  {
    const std::lock_guard lock(mutex_);
    const Parked was = place(worker).parked;
    if (was != Parked::kNo) {
      leave(worker);
      // It saw something: whatever was spawned while it searched before counts on its search.
      if (was != Parked::kForItselfOnly && searcher_ == kNobody) searcher_ = worker;
      update_state();
      return;
    }
  }
  wait(worker);  // A wake has this worker's name on it and is at most moments away.
}

void ParkingLot::wait(WorkerId worker) {
  Place& its = place(worker);
  std::unique_lock lock(its.mutex);
  its.bell.wait(lock, [&its] { return its.rung; });
  its.rung = false;
}

bool ParkingLot::wait_for(WorkerId worker, Duration time) {
  Place& its = place(worker);
  std::unique_lock lock(its.mutex);
  if (!its.bell.wait_for(lock, time, [&its] { return its.rung; })) return false;
  its.rung = false;
  return true;
}

bool ParkingLot::found_work(WorkerId worker) {
  {
    const std::lock_guard lock(mutex_);
    if (searcher_ != worker) return false;
    searcher_ = kNobody;
    update_state();
  }
  if (has_fence_) heavy_fence();
  return true;
}

std::size_t ParkingLot::wake(std::size_t most, std::size_t domain) {
  std::size_t woken = 0;
  while (woken < most && (state_.load(std::memory_order_seq_cst) & (kForSpawned - 1)) > 0) {
    WorkerId worker;
    {
      const std::lock_guard lock(mutex_);
      if (parked_[domain].empty()) return woken;
      worker = last_of(domain);
      leave(worker);
      update_state();
    }
    ring_bell(worker);
    ++woken;
  }
  return woken;
}

WorkerId ParkingLot::one_to_search(std::size_t first_domain) const {
  if (parked_count_ == 0) return for_spawned_.back();
  std::size_t domain = first_domain;
  while (parked_[domain].empty()) domain = domain + 1 == parked_.size() ? 0 : domain + 1;
  return last_of(domain);
}

void ParkingLot::wake_searcher(std::size_t first_domain) {
  WorkerId worker;
  {
    const std::lock_guard lock(mutex_);
    if (searcher_ != kNobody || (parked_count_ == 0 && for_spawned_.empty())) return;
    worker = one_to_search(first_domain);
    leave(worker);
    searcher_ = worker;
    update_state();
  }
  ring_bell(worker);
}

bool ParkingLot::wake_worker(WorkerId worker) {
  {
    const std::lock_guard lock(mutex_);
    if (place(worker).parked == Parked::kNo) return false;
    leave(worker);
    update_state();
  }
  ring_bell(worker);
  return true;
}

void ParkingLot::wake_all() {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    wake_worker(WorkerId(static_cast<std::int32_t>(i)));
  }
}

void ParkingLot::ring_bell(WorkerId worker) {
  Place& its = place(worker);
  {
    const std::lock_guard lock(its.mutex);
    its.rung = true;
  }
  // Without the lock, on which the woken worker would only have to sleep again.
  its.bell.notify_one();
}

}  // namespace weir
