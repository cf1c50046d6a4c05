// A session's workers as its agent sees them: what threads have promised to submit counts as work
// that is under way, and the rank may keep its queue back for a while.

#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "runtime/environment/executor.hpp"
#include "runtime/exec/kind_table.hpp"
#include "runtime/session/submissions.hpp"

namespace weir {

class SessionExecutor final : public Executor {
 public:
  // `kinds` and `promises` outlive it.
  SessionExecutor(std::unique_ptr<Executor> inner, const KindTable& kinds, const Promises& promises)
      : inner_(std::move(inner)), kinds_(kinds), promises_(promises) {}

  // Keeps back what is queued and what comes from now on, immediate tasks aside; or lets it go.
  // What may not be taken back, because it is pinned here or has moved before, stays in the queue
  // of the workers.
  void keep_back(bool on, Instant now);

  int worker_count() const override { return inner_->worker_count(); }
  int promised_worker_count() const override { return inner_->promised_worker_count(); }
  std::vector<int> memory_domain_sizes() const override { return inner_->memory_domain_sizes(); }
  void switch_on(bool on, Instant now) override { inner_->switch_on(on, now); }
  void enqueue(std::vector<Task> tasks, Instant now) override;
  void take_ended(Instant now, std::vector<TaskEnd>& ended) override {
    inner_->take_ended(now, ended);
  }
  std::vector<Task> take_back(std::size_t most, ClassMask of) override;
  void set_class_limits(const ClassLimits& limits, Instant now) override {
    inner_->set_class_limits(limits, now);
  }
  void set_wanted(bool wanted) override { inner_->set_wanted(wanted); }
  ExecutorLoad load(Instant now) const override;
  ExecutorCounts counts(Instant now) const override;
  void append_running(std::vector<RunningTask>& running) const override {
    inner_->append_running(running);
  }
  SpawnCounts spawn_counts() const override;
  bool is_supplied() const override { return inner_->is_supplied(); }
  Instant next_end() const override { return inner_->next_end(); }

 private:
  std::unique_ptr<Executor> inner_;
  const KindTable& kinds_;
  const Promises& promises_;
  bool keeps_back_ = false;
  std::vector<Task> kept_back_;
};

}  // namespace weir
