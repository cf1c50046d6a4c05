#include "runtime/exec/thread_executor.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/random.hpp"
#include "runtime/exec/signals_blocked.hpp"

namespace weir {
namespace {

std::vector<std::vector<int>> random_steal_order(int worker_count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<int>> order(static_cast<std::size_t>(worker_count));
  for (int worker = 0; worker < worker_count; ++worker) {
    auto& others = order[static_cast<std::size_t>(worker)];
    for (int other = 0; other < worker_count; ++other) {
      if (other != worker) others.push_back(other);
    }
    for (std::size_t i = others.size(); i > 1; --i)
      std::swap(others[i - 1], others[random.below(i)]);
  }
  return order;
}

// The options with every default filled in.
ThreadExecutorOptions checked(ThreadExecutorOptions options) {
  const int worker_count = options.worker_count;
  WEIR_CHECK(worker_count > 0, "an executor without workers");
  WEIR_CHECK(options.spin >= Duration::zero(), "the spin time is negative");
  if (options.steal_order.empty()) {
    options.steal_order = random_steal_order(worker_count, options.seed);
  }
  if (options.worker_domains.empty()) {
    options.worker_domains.assign(static_cast<std::size_t>(worker_count), 0);
  }
  WEIR_CHECK(options.worker_domains.size() == static_cast<std::size_t>(worker_count),
             "not every worker has one memory domain");
  WEIR_CHECK(std::ranges::min(options.worker_domains) >= 0, "a memory domain of no number");
  for (int domain = 0; domain <= std::ranges::max(options.worker_domains); ++domain) {
    WEIR_CHECK(std::ranges::count(options.worker_domains, domain) > 0,
               "a memory domain without a worker");
  }
  WEIR_CHECK(options.steal_order.size() == static_cast<std::size_t>(worker_count),
             "the steal order does not have one list per worker");
  for (int worker = 0; worker < worker_count; ++worker) {
    for (const int victim : options.steal_order[static_cast<std::size_t>(worker)]) {
      WEIR_CHECK(victim >= 0 && victim < worker_count && victim != worker,
                 "the steal order names a worker that is not another one");
    }
  }
  return options;
}

}  // namespace

ThreadExecutor::ThreadExecutor(const KindTable& kinds, const Clock& clock,
                               ThreadExecutorOptions options)
    : options_(checked(std::move(options))),
      team_(kinds, clock, options_.worker_domains, {options_.notify, options_.notify_within},
            options_.queue, options_.parking_pays_fence),
      control_context_(team_) {
  team_.steal_order = options_.steal_order;
  team_.on_spawn_error = options_.on_spawn_error;
  team_.spin = options_.spin;
  try {
    start_workers();
  } catch (const std::system_error& error) {
    const std::size_t started = threads_.size();
    stop_workers();
    throw Error("the workers cannot be started",
                std::string(error.what()) + " after " + std::to_string(started) + " threads",
                std::to_string(options_.worker_count) + " threads",
                "fewer workers, or higher limits (ulimit -u, ulimit -v)");
  } catch (...) {
    stop_workers();
    throw;
  }
}

ThreadExecutor::~ThreadExecutor() { stop_workers(); }

void ThreadExecutor::stop_workers() {
  team_.stopping.store(true, std::memory_order_seq_cst);
  team_.parking.wake_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadExecutor::start_workers() {
  for (int i = 0; i < options_.worker_count; ++i) {
    workers_.push_back(std::make_unique<Worker>(WorkerId(i), team_));
  }
  threads_.reserve(workers_.size());
  const SignalsBlocked inherited_by_the_workers;
  for (int i = 0; i < options_.worker_count; ++i) {
    Worker& worker = *workers_[static_cast<std::size_t>(i)];
    threads_.emplace_back([this, &worker] { worker.run(options_.on_worker_start); });
    const std::string name = "weir-worker-" + std::to_string(i);
    pthread_setname_np(threads_.back().native_handle(), name.substr(0, 15).c_str());
  }
}

void ThreadExecutor::enqueue(std::vector<Task> tasks, Instant now) {
  if (team_.kinds.has_immediate()) run_immediate(tasks, now);
  if (tasks.empty()) return;
  standstill_.on_change();
  const std::size_t domain_count = team_.domain_sizes.size();
  if (domain_count == 1) {
    const std::size_t count = tasks.size();
    team_.exchange.enqueue(std::move(tasks), now);
    return team_.wake_for_queued(count);
  }
  std::vector<std::size_t> wishes(domain_count, 0);
  std::size_t others = 0;
  for (const Task& task : tasks) {
    const std::size_t domain = task.header.memory_domain;
    ++(domain < domain_count ? wishes[domain] : others);
  }
  team_.exchange.enqueue(std::move(tasks), now);
  team_.wake_for_queued(wishes, others);
}

void ThreadExecutor::run_immediate(std::vector<Task>& tasks, Instant now) {
  std::size_t kept = 0;
  for (Task& task : tasks) {
    const KindId kind = task.header.kind;
    if (!team_.kinds.contains(kind) || !team_.kinds.is_immediate(kind)) {
      Task& place = tasks[kept++];
      if (&place != &task) place = std::move(task);
      continue;
    }
    const Instant start = team_.clock.now();
    control_context_.set_depth(task.header.depth);
    TaskEnd end = run_task(task, team_.kinds, control_context_);
    end.waited = start - now;
    end.service = team_.clock.now() - start;
    immediate_ended_.push_back(std::move(end));
    if (immediate_since_ == kNever) immediate_since_ = now;
  }
  tasks.resize(kept);
}

void ThreadExecutor::take_ended(Instant now, std::vector<TaskEnd>& ended) {
  ended.insert(ended.end(), std::make_move_iterator(immediate_ended_.begin()),
               std::make_move_iterator(immediate_ended_.end()));
  immediate_ended_.clear();
  immediate_since_ = kNever;
  const std::size_t before = ended.size();
  const bool may_wait = team_.exchange.take_ended(ended) && options_.notify_within;
  watch_.on_taken(ended.size() - before, may_wait, now);
  if (ended.size() > before) standstill_.on_change();
  if (auto given_up = standstill_.look(now)) ended.push_back(std::move(*given_up));
}

std::vector<Task> ThreadExecutor::take_back(std::size_t most, ClassMask of) {
  return team_.exchange.take_back(most, of);
}

void ThreadExecutor::set_class_limits(const ClassLimits& limits, Instant /*now*/) {
  team_.exchange.set_class_limits(limits);
  team_.wake_for_queued(workers_.size());
}

ExecutorLoad ThreadExecutor::load(Instant /*now*/) const {
  ExecutorLoad load;
  Duration busy{0};
  team_.exchange.add_load(load);
  for (const auto& worker : workers_) {
    busy += worker->busy();
    const int spawned_class = worker->spawned_class_running();
    if (spawned_class < 0) continue;
    ++load.classes[static_cast<std::size_t>(spawned_class)].running;
    ++load.running;
  }
  // A worker reads the clock a moment before it publishes that a task has ended.
  reported_busy_ = std::max(reported_busy_, busy);
  load.busy = reported_busy_;
  return load;
}

void ThreadExecutor::append_running(std::vector<RunningTask>& running) const {
  for (const auto& worker : workers_) {
    if (const auto one = worker->running()) running.push_back(*one);
  }
}

SpawnCounts ThreadExecutor::spawn_counts() const {
  // Finished first: whatever was finished by then had been counted as spawned before.
  SpawnCounts counts;
  for (const SpawnDesk& desk : team_.desks) {
    counts.finished += desk.tally.finished.load(std::memory_order_acquire);
  }
  for (const SpawnDesk& desk : team_.desks) {
    counts.started += desk.tally.spawned.load(std::memory_order_acquire);
    counts.failed += desk.tally.failed.load(std::memory_order_acquire);
  }
  return counts;
}

Instant ThreadExecutor::next_end() const {
  return std::min({immediate_since_, watch_.next_look(), standstill_.next_look()});
}

void ThreadExecutor::ControlContext::spawn(KindId kind, Payload payload, ClassId task_class) {
  spawn(SpawnedKind{team_.kinds.function(kind), std::move(payload)}, task_class);
}

}  // namespace weir
