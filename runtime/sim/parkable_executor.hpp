// The executor of a node that can be parked: as long as it is, the node has no workers to offer,
// and so no rule gives it anything. What it has, and what reaches it all the same, it finishes.
// Counts how long its cores were in use or ready to be: what capacity costs.

#pragma once

#include <memory>

#include "runtime/environment/executor.hpp"
#include "runtime/sim/sim_time.hpp"

namespace weir {

class ParkableExecutor final : public Executor {
 public:
  // `now` is the time of the world and outlives the executor.
  ParkableExecutor(std::unique_ptr<Executor> executor, const SimTime& now)
      : executor_(std::move(executor)), cores_(executor_->worker_count()), now_(now) {}

  // Switched off as soon as it has nothing left to do.
  void park();
  // Switched on; ready() follows when it is warm.
  void call_back();
  void ready();
  // Switched off for good, with whatever it holds.
  void die();

  // Switched on until now, in all.
  Duration powered() const { return powered_ + (is_powered() ? now_ - since_ : Duration::zero()); }

  int worker_count() const override { return state_ == State::kReady ? cores_ : 0; }
  int promised_worker_count() const override { return cores_; }
  std::vector<int> memory_domain_sizes() const override { return executor_->memory_domain_sizes(); }
  void enqueue(std::vector<Task> tasks, Instant now) override;
  void take_ended(Instant now, std::vector<TaskEnd>& ended) override;
  std::vector<Task> take_back(std::size_t most, ClassMask of = kAllClasses) override;
  void set_class_limits(const ClassLimits& limits, Instant now) override {
    executor_->set_class_limits(limits, now);
  }
  void append_running(std::vector<RunningTask>& running) const override {
    executor_->append_running(running);
  }
  ExecutorLoad load(Instant now) const override { return executor_->load(now); }
  ExecutorCounts counts(Instant now) const override { return executor_->counts(now); }
  SpawnCounts spawn_counts() const override { return executor_->spawn_counts(); }
  Instant next_end() const override { return executor_->next_end(); }

 private:
  enum class State { kReady, kParked, kWarming };

  bool is_powered() const { return state_ != State::kParked || held_ > 0; }
  // Counts up to now; before anything changes that is_powered() looks at.
  void count();

  std::unique_ptr<Executor> executor_;
  int cores_;
  const SimTime& now_;
  State state_ = State::kReady;
  std::size_t held_ = 0;  // tasks that are here
  SimTime since_{};
  Duration powered_{0};
};

}  // namespace weir
