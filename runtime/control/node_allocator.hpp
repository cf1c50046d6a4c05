// Which classes may use how many of a node's workers: what a node decides by itself, every few
// milliseconds at most.
//
// A limit per class is what the node has found to be as many as it should run at once (node_meter,
// contention_estimator). It binds where three quarters of the workers are busy: before that, tasks
// beyond it take nothing from others, and to let them wait for one long task beside idle workers
// costs more than they slow each other down (decision 016). It finds nothing out where the same
// number runs all the time, as on an overloaded node: so while tasks of several classes wait, one
// class at a time is held to a part of what it runs. Others take the workers, and none idles. A
// share is a floor under every class: while tasks of several classes are here, a worker that
// becomes free goes first to a class that has fewer workers than half of an equal share. So a flood
// of one class leaves the others workers enough for an ordinary load, and their waits end with
// their own queues. Where every class has its floor anyway, nothing changes, and no worker is ever
// kept idle for it. The floor also holds against priorities and deadlines: it is what keeps the
// unimportant from waiting for ever.
//
// Where there is an adviser it may correct the limits within bounds (limit_offsets), once for each
// block of tasks that the node has measured. While a class is on trial it is held to what the trial
// says, where limits bind.

#pragma once

#include "runtime/base/time.hpp"
#include "runtime/control/limit_offsets.hpp"
#include "runtime/control/node_meter.hpp"
#include "runtime/environment/executor.hpp"

namespace weir {

// What a node decides about itself.
struct NodeControlOptions {
  bool limits = false;  // tasks of a class that run at once, by measured contention; needs `regime`
  bool regime = false;  // whether the node is in its slow state, for its reports
  bool shares = false;  // workers of every class, whatever the others bring

  bool any() const { return limits || regime || shares; }
};

class NodeAllocator {
 public:
  // The references outlive the allocator, and so does the adviser, which may be null and is asked
  // only where there are limits.
  NodeAllocator(const NodeControlOptions& options, Executor& executor, NodeMeter& meter,
                LimitAdviser* adviser = nullptr);

  // In every round of the agent, after what has ended was taken. Looks at the node when the last
  // time is a tick ago.
  void on_round(Instant now);

  const LimitOffsets& offsets() const { return offsets_; }

 private:
  void ask_adviser(const ExecutorLoad& load, Instant now);
  // Once per block of the meter.
  void choose_trial(const ExecutorLoad& load);
  std::uint32_t most_of(std::size_t task_class) const;
  ClassLimits limits_for(const ExecutorLoad& load) const;

  NodeControlOptions options_;
  Executor& executor_;
  NodeMeter& meter_;
  std::uint32_t binds_from_;
  bool has_looked_ = false;
  Instant last_look_{};
  ClassLimits limits_{};
  // The class on trial; at most zero: none is.
  std::size_t trial_class_ = 0;
  std::uint32_t trial_most_ = 0;
  std::uint64_t trial_block_ = 0;
  LimitOffsets offsets_;
  std::uint64_t asked_block_ = 0;
  Instant last_asked_{};
  Duration last_busy_{0};
};

}  // namespace weir
