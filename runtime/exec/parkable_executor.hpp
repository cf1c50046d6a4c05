// The executor of a node that can be parked: as long as it is, the node has no workers to offer,
// and so no rule gives it anything. What it has, and what reaches it all the same, it finishes.
// Worker threads without tasks sleep. Counts how long its cores were in use or ready to be: what
// capacity costs.

#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/environment/executor.hpp"

namespace weir {

class ParkableExecutor final : public Executor {
 public:
  // Switched on at `now`. Called back by switch_on() it is ready after `warm_up`.
  ParkableExecutor(std::unique_ptr<Executor> executor, Duration warm_up, Instant now)
      : executor_(std::move(executor)),
        cores_(executor_->worker_count()),
        warm_up_(warm_up),
        since_(now) {}

  // Switched off as soon as it has nothing left to do.
  void park(Instant now);
  // Switched on; ready() follows when it is warm.
  void call_back(Instant now);
  void ready(Instant now);
  // Switched off for good, with whatever it holds.
  void die(Instant now);

  void switch_on(bool on, Instant now) override;

  // Switched on until now, in all.
  Duration powered(Instant now) const {
    return powered_ + (is_powered() ? now - since_ : Duration::zero());
  }

  int worker_count() const override { return state_ == State::kReady ? cores_ : 0; }
  int promised_worker_count() const override { return cores_; }
  std::vector<int> memory_domain_sizes() const override { return executor_->memory_domain_sizes(); }
  void enqueue(std::vector<Task> tasks, Instant now) override;
  void take_ended(Instant now, std::vector<TaskEnd>& ended) override;
  std::vector<Task> take_back(std::size_t most, ClassMask of = kAllClasses) override;
  void set_class_limits(const ClassLimits& limits, Instant now) override {
    executor_->set_class_limits(limits, now);
  }
  void set_wanted(bool wanted) override { executor_->set_wanted(wanted); }
  void append_running(std::vector<RunningTask>& running) const override {
    executor_->append_running(running);
  }
  ExecutorLoad load(Instant now) const override { return executor_->load(now); }
  ExecutorCounts counts(Instant now) const override { return executor_->counts(now); }
  SpawnCounts spawn_counts() const override { return executor_->spawn_counts(); }
  bool is_supplied() const override { return executor_->is_supplied(); }
  Instant next_end() const override { return std::min(executor_->next_end(), ready_at_); }

 private:
  enum class State { kReady, kParked, kWarming };

  bool is_powered() const { return state_ != State::kParked || held_ > 0; }
  // Counts up to now; before anything changes that is_powered() looks at.
  void count(Instant now);

  std::unique_ptr<Executor> executor_;
  int cores_;
  Duration warm_up_;
  State state_ = State::kReady;
  Instant ready_at_ = kNever;  // where switch_on() called it back
  std::size_t held_ = 0;       // tasks that are here
  Instant since_;
  Duration powered_{0};
};

}  // namespace weir
