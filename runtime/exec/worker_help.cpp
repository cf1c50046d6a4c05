// How a worker waits in a task: it runs others meanwhile, on the same stack.

#include <sched.h>

#include "runtime/exec/worker.hpp"

namespace weir {
namespace {

// How often a worker that waits looks for the end of its wait, or for anything to run, before it
// sleeps: for some microseconds, within which most stolen tasks end.
constexpr int kLooks = 100;
constexpr int kLooksBetweenYields = 20;
constexpr int kLooksBetweenSearches = 10;  // which read a line of each worker

void pause_core() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

bool Worker::help(Predicate done, std::int64_t floor) {
  const bool stood_aside = running_ != nullptr && running_->stands_aside;
  bool is_done = true;
  while (!done()) {
    // Asked once a round: what is left in its deque because the stack is short is no reason to stay
    // awake.
    const bool takes_any = has_stack_for_others();
    if (help_with_own(takes_any ? kWholeDeque : floor)) continue;
    if (takes_any && help_with_others()) continue;
    if (stopping()) {
      is_done = done();
      break;
    }
    if (!look_on(done, takes_any)) park_in_task(done, takes_any);
  }
  if (running_ != nullptr && running_->stands_aside && !stood_aside) step_back();
  // A wake may have been meant for a task that came, and not for the end of this wait.
  if (has_parked_) {
    has_parked_ = false;
    team_.pass_search_on(id_, true);
  }
  return is_done;
}

bool Worker::help_with_own(std::int64_t floor) {
  SpawnFrame* frame = pop_newest(floor);
  if (frame == nullptr) return false;
  run_nested(*frame);
  return true;
}

bool Worker::help_with_others() {
  if (SpawnFrame* from_control = deque_of_control().pop_oldest()) {
    run_nested(*from_control);
    return true;
  }
  if (!stopping() && !team_.exchange.looks_empty(domain_)) {
    step_aside();
    QueuedTask queued;
    if (team_.exchange.take(queued, domain_)) {
      run_nested(queued);
      return true;
    }
  }
  const Stolen stolen = steal();
  if (stolen.frame == nullptr) return false;
  run_nested(*stolen.frame);
  return true;
}

// A task that waits and still counts as running stands for what runs meanwhile.
void Worker::run_nested(SpawnFrame& frame) {
  stop_searching();
  const int before = spawned_class_.load(std::memory_order_relaxed);
  if (running_ != nullptr && running_->stands_aside) {
    spawned_class_.store(frame.task_class.value(), std::memory_order_relaxed);
  }
  perform(frame);
  spawned_class_.store(before, std::memory_order_relaxed);
}

void Worker::run_nested(QueuedTask& queued) {
  stop_searching();
  const int before = spawned_class_.exchange(-1, std::memory_order_relaxed);
  Instant finish;
  TaskEnd end = run_one(queued, finish);
  if (team_.exchange.post(std::move(end), domain_).lets_another_start) lot().wake(1, domain_);
  spawned_class_.store(before, std::memory_order_relaxed);
}

// Whether there is a reason not to sleep.
bool Worker::look_on(Predicate done, bool takes_any) {
  for (int look = 1; look <= kLooks; ++look) {
    if (done() || stopping()) return true;
    if (takes_any && look % kLooksBetweenSearches == 0 && team_.has_work(domain_)) return true;
    if (look % kLooksBetweenYields == 0) {
      sched_yield();
    } else {
      pause_core();
    }
  }
  return false;
}

void Worker::park_in_task(Predicate done, bool takes_any) {
  step_aside();  // Which may let a task start that waited for it: announced before the last look.
  const int task_class = spawned_class_.exchange(-1, std::memory_order_relaxed);
  const Instant from = team_.clock.now();
  end_busy(from);
  lot().announce(id_,
                 takes_any ? ParkingLot::Wakes::kForAnyWork : ParkingLot::Wakes::kForItselfOnly);
  has_parked_ = takes_any;
  if (done() || stopping() || (takes_any && team_.has_work(domain_))) {
    lot().withdraw(id_);
  } else {
    lot().wait(id_);
  }
  const Instant until = team_.clock.now();
  begin_busy(until);
  if (running_ != nullptr) running_->away += until - from;
  spawned_class_.store(task_class, std::memory_order_relaxed);
}

void Worker::step_aside() {
  if (running_ == nullptr || running_->stands_aside) return;
  running_->stands_aside = true;
  running_word_.store(kNothingRuns, std::memory_order_relaxed);
  if (team_.exchange.step_aside(running_->task_class, domain_)) lot().wake(1, domain_);
}

void Worker::step_back() {
  running_->stands_aside = false;
  team_.exchange.step_back(running_->task_class, domain_);
  show_running(*running_);
}

// As if it had started later by the time that was not spent on it.
void Worker::show_running(const Running& running) {
  const Instant start = running.start + running.away;
  running_word_.store(start.time_since_epoch().count() * kMaxClasses + running.task_class.value(),
                      std::memory_order_relaxed);
}

std::optional<TaskId> Worker::task() const {
  if (running_ == nullptr) return std::nullopt;
  return running_->id;
}

bool Worker::is_beneath(TaskId task) const {
  const Running* running = running_;
  while (running != nullptr && running->id != task) running = running->beneath;
  return running != nullptr;
}

}  // namespace weir
