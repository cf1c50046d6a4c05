// The seam to whatever runs tasks on this node: worker threads, or timers where work is emulated.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// How many workers may run queued tasks of one class at once; zero: as many as there are. A worker
// that becomes free passes over a class at its bound, whatever its priority.
struct ClassLimit {
  std::uint32_t most = 0;  // of one memory domain
  // `most` is no bound while fewer workers of the domain run queued tasks; zero: it always is.
  std::uint32_t binds_from = 0;
  std::uint32_t share = 0;  // of the node, as long as tasks of a class below its own share wait

  bool operator==(const ClassLimit&) const = default;
};
using ClassLimits = std::array<ClassLimit, kMaxClasses>;

struct ExecutorLoad {
  struct PerClass {
    std::uint32_t queued = 0;
    std::uint32_t running = 0;
    std::uint32_t limit = 0;  // of all domains together, by `most` of its ClassLimit
  };
  std::array<PerClass, kMaxClasses> classes{};
  std::uint32_t queued = 0;  // accepted, not started; spawned tasks are not among them
  std::uint32_t running = 0;
  Duration busy{0};  // worker time spent on tasks since the start, summed over the workers
};

// The sums of a load alone. What waits for its class's limit is queued like anything else: the
// worker that idles for it is not on offer.
struct ExecutorCounts {
  std::uint32_t queued = 0;
  std::uint32_t running = 0;
};

struct RunningTask {
  ClassId task_class;
  Instant started{};
};

// Tasks that running tasks spawned: they never leave the node and end without a report to anyone.
struct SpawnCounts {
  std::uint64_t finished = 0;
  std::uint64_t started = 0;  // at least `finished`, also when both are read while tasks run
  std::uint64_t failed = 0;   // threw; of those in `finished` none is left out
};

// Used from the control thread only.
class Executor {
 public:
  virtual ~Executor() = default;

  // Workers on offer. A node that takes nothing more has none, though some may still be at work.
  virtual int worker_count() const = 0;
  // Workers for what this node has accepted or promised to run.
  virtual int promised_worker_count() const { return worker_count(); }
  // Of those, how many are in each part of the node that has its own way to memory; at least one
  // part, none without a worker. It does not change.
  virtual std::vector<int> memory_domain_sizes() const { return {promised_worker_count()}; }

  // Parks the node, which then offers no workers and finishes what it has; or calls it back, which
  // may take a while. Does nothing where it is so already, or where it cannot be parked.
  virtual void switch_on(bool /*on*/, Instant /*now*/) {}

  // Queues the tasks, the highest priority first and equal ones in the order the executor was made
  // for. Takes any number: the agent bounds the queue by the credit it gives.
  virtual void enqueue(std::vector<Task> tasks, Instant now) = 0;

  // Appends what has ended since the last call, in the order it ended.
  virtual void take_ended(Instant now, std::vector<TaskEnd>& ended) = 0;

  // Takes back up to `most` queued tasks of the classes named that have not started, from the tail,
  // in the order they would have run, and never one that is pinned or was handed over before. They
  // are the caller's from now on.
  virtual std::vector<Task> take_back(std::size_t most, ClassMask of = kAllClasses) = 0;

  // Holds from now on: a bound that falls stops no running task, one that rises lets tasks start at
  // once. Tasks that running ones spawn are not bounded.
  virtual void set_class_limits(const ClassLimits& limits, Instant now) = 0;

  virtual ExecutorLoad load(Instant now) const = 0;

  // Whether another node has asked for tasks and been given none, and nothing was submitted here
  // since: running tasks that can split off work may look.
  virtual void set_wanted(bool /*wanted*/) {}

  // What load() says of all classes together. Asked in every round of an agent, so that an executor
  // that knows it for less says it here.
  virtual ExecutorCounts counts(Instant now) const {
    const ExecutorLoad all = load(now);
    return {all.queued, all.running};
  }

  // Appends what runs, in any order; spawned tasks are not among it.
  virtual void append_running(std::vector<RunningTask>& running) const = 0;

  virtual SpawnCounts spawn_counts() const = 0;

  // Every worker has a further task waiting, and next_end() is near: what comes could not start
  // before.
  virtual bool is_supplied() const { return false; }

  // When take_ended should be called although nobody rang; kNever when ended tasks announce
  // themselves.
  virtual Instant next_end() const = 0;
};

}  // namespace weir
