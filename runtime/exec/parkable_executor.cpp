#include "runtime/exec/parkable_executor.hpp"

#include <utility>

namespace weir {

void ParkableExecutor::count(Instant now) {
  powered_ = powered(now);
  since_ = now;
}

void ParkableExecutor::die(Instant now) {
  count(now);
  state_ = State::kParked;
  ready_at_ = kNever;
  held_ = 0;
}

void ParkableExecutor::park(Instant now) {
  count(now);
  state_ = State::kParked;
  ready_at_ = kNever;
}

void ParkableExecutor::call_back(Instant now) {
  count(now);
  state_ = State::kWarming;
}

void ParkableExecutor::ready(Instant now) {
  count(now);
  state_ = State::kReady;
  ready_at_ = kNever;
}

void ParkableExecutor::switch_on(bool on, Instant now) {
  if (!on && state_ != State::kParked) park(now);
  if (!on || state_ != State::kParked) return;
  call_back(now);
  ready_at_ = now + warm_up_;
  if (warm_up_ <= Duration::zero()) ready(now);
}

void ParkableExecutor::enqueue(std::vector<Task> tasks, Instant now) {
  count(now);
  held_ += tasks.size();
  executor_->enqueue(std::move(tasks), now);
}

void ParkableExecutor::take_ended(Instant now, std::vector<TaskEnd>& ended) {
  if (now >= ready_at_) ready(now);
  count(now);
  const std::size_t before = ended.size();
  executor_->take_ended(now, ended);
  held_ -= ended.size() - before;
}

// The instant is not known: where a parked node loses its last task so, what has passed since its
// last event, a heartbeat at most, is not counted.
std::vector<Task> ParkableExecutor::take_back(std::size_t most, ClassMask of) {
  std::vector<Task> taken = executor_->take_back(most, of);
  held_ -= taken.size();
  return taken;
}

}  // namespace weir
