#include "runtime/sim/parkable_executor.hpp"

#include <utility>

namespace weir {

void ParkableExecutor::count() {
  powered_ = powered();
  since_ = now_;
}

void ParkableExecutor::die() {
  count();
  state_ = State::kParked;
  held_ = 0;
}

void ParkableExecutor::park() {
  count();
  state_ = State::kParked;
}

void ParkableExecutor::call_back() {
  count();
  state_ = State::kWarming;
}

void ParkableExecutor::ready() {
  count();
  state_ = State::kReady;
}

void ParkableExecutor::enqueue(std::vector<Task> tasks, Instant now) {
  count();
  held_ += tasks.size();
  executor_->enqueue(std::move(tasks), now);
}

void ParkableExecutor::take_ended(Instant now, std::vector<TaskEnd>& ended) {
  count();
  const std::size_t before = ended.size();
  executor_->take_ended(now, ended);
  held_ -= ended.size() - before;
}

std::vector<Task> ParkableExecutor::take_back(std::size_t most, ClassMask of) {
  count();
  std::vector<Task> taken = executor_->take_back(most, of);
  held_ -= taken.size();
  return taken;
}

}  // namespace weir
