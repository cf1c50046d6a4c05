// How a worker waits in a task: it runs others meanwhile, on the same stack.
//
// In the first quarter of its stack it takes what any free worker would. There on it takes queued
// tasks that are deeper than the one that waits, as what that one submitted is, so that tasks which
// each wait for one of their own do not pile up until there is no room for those that they wait
// for. Where no deeper one comes for a while it takes others as well, up to three eighths. Beyond
// the half nothing new starts (decisions/014 says why somebody can go on until then, and
// exec/standstill_watch what happens when nobody can).

#include <sched.h>

#include <algorithm>
#include <utility>

#include "runtime/exec/worker.hpp"

namespace weir {
namespace {

// How often a worker that waits looks for the end of its wait, or for anything to run, before it
// sleeps: for some microseconds, within which most stolen tasks end.
constexpr int kLooks = 100;
constexpr int kLooksBetweenYields = 20;
constexpr int kLooksBetweenSearches = 10;  // which read a line of each worker

// For so long a worker deep in its stack waits for deeper tasks before it takes others. The child
// of a waiting task takes some ten microseconds through the control thread, where that has a core.
constexpr Duration kPatience = std::chrono::milliseconds(1);
// A safety net: who was woken for a deeper task may have run a spawned one in its place.
constexpr Duration kLongestSleep = std::chrono::milliseconds(64);

void pause_core() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

Worker::Takes Worker::takes_now(bool is_patient) const {
  const auto* here = static_cast<const std::byte*>(__builtin_frame_address(0));
  if (here > quarter_used_) return {};
  if (!has_stack_for_others()) return {.others = false, .stalls = true};
  if (team_.unwinding.load(std::memory_order_relaxed)) {
    return {.others = false, .stalls = true, .unwinds = true};
  }
  if (here <= three_eighths_used_) return {.than = depth(), .stalls = true};
  return {.than = is_patient ? depth() : kAnyDepth};
}

bool Worker::has_work_for(const Takes& takes) const {
  // Unless that has ended, and it takes more from now on.
  if (!takes.others) return takes.unwinds && !team_.unwinding.load(std::memory_order_relaxed);
  if (takes.any()) return team_.has_work(domain_);
  return (!stopping() && team_.exchange.has_deeper(domain_, takes.than)) || team_.has_spawned();
}

bool Worker::help(Predicate done, std::int64_t floor) {
  const bool stood_aside = running_ != nullptr && running_->stands_aside;
  bool is_done = true;
  bool is_patient = true;
  Duration longest = kPatience;
  while (!done()) {
    // Asked once a round: what is left in its deque because the stack is short is no reason to stay
    // awake.
    const Takes takes = takes_now(is_patient);
    if (help_with_own(takes.others ? kWholeDeque : floor) ||
        (takes.others && help_with_others(takes))) {
      is_patient = true;
      longest = kPatience;
      continue;
    }
    if (stopping()) {
      is_done = done();
      break;
    }
    if (look_on(done, takes) || park_in_task(done, takes, longest)) continue;
    is_patient = false;
    longest = std::min(2 * longest, kLongestSleep);
  }
  end_stall();
  if (running_ != nullptr && running_->stands_aside && !stood_aside) step_back();
  // A wake may have been meant for a task that came, and not for the end of this wait.
  if (std::exchange(has_parked_, false)) team_.pass_search_on(id_, true);
  return is_done;
}

bool Worker::help_with_own(std::int64_t floor) {
  SpawnFrame* frame = pop_newest(floor);
  if (frame == nullptr) return false;
  run_nested(*frame);
  return true;
}

bool Worker::help_with_others(const Takes& takes) {
  if (SpawnFrame* from_control = deque_of_control().pop_oldest()) {
    run_nested(*from_control);
    return true;
  }
  QueuedTask queued;
  if (take_queued(queued, takes)) {
    run_nested(queued);
    return true;
  }
  const Stolen stolen = steal();
  if (stolen.frame == nullptr) return false;
  run_nested(*stolen.frame);
  return true;
}

bool Worker::take_queued(QueuedTask& queued, const Takes& takes) {
  if (stopping()) return false;
  if (takes.any()) {
    if (team_.exchange.looks_empty(domain_)) return false;
    step_aside();
    return team_.exchange.take(queued, domain_);
  }
  if (team_.exchange.has_deeper(domain_, takes.than)) {
    step_aside();
    return team_.exchange.take_deeper(queued, domain_, takes.than);
  }
  if (!takes.stalls || !team_.permits_one.load(std::memory_order_relaxed) ||
      !team_.permits_one.exchange(false)) {
    return false;
  }
  step_aside();
  return team_.exchange.take_deeper(queued, domain_, 0) || team_.exchange.take(queued, domain_);
}

void Worker::stall() {
  if (is_stalled_) return;
  is_stalled_ = true;
  // The last one: nobody here can go on by himself. What then is StandstillWatch's.
  if (team_.stalled.enter() == team_.domain_of.size()) team_.exchange.call_at_once();
}

void Worker::end_stall() {
  if (!is_stalled_) return;
  is_stalled_ = false;
  team_.stalled.leave();
}

// A task that waits and still counts as running stands for what runs meanwhile.
void Worker::run_nested(SpawnFrame& frame) {
  end_stall();
  stop_searching();
  const int before = spawned_class_.load(std::memory_order_relaxed);
  if (running_ != nullptr && running_->stands_aside) {
    spawned_class_.store(frame.task_class.value(), std::memory_order_relaxed);
  }
  perform(frame);
  spawned_class_.store(before, std::memory_order_relaxed);
}

void Worker::run_nested(QueuedTask& queued) {
  end_stall();
  stop_searching();
  const int before = spawned_class_.exchange(-1, std::memory_order_relaxed);
  Instant finish;
  TaskEnd end = run_one(queued, finish);
  if (team_.exchange.post(std::move(end), domain_).lets_another_start) {
    team_.wake_for_freed(domain_);
  }
  spawned_class_.store(before, std::memory_order_relaxed);
}

// Whether there is a reason not to sleep.
bool Worker::look_on(Predicate done, const Takes& takes) {
  for (int look = 1; look <= kLooks; ++look) {
    if (done() || stopping()) return true;
    if (look % kLooksBetweenSearches == 0 && has_work_for(takes)) return true;
    if (look % kLooksBetweenYields == 0) {
      sched_yield();
    } else {
      pause_core();
    }
  }
  return false;
}

bool Worker::park_in_task(Predicate done, const Takes& takes, Duration longest) {
  step_aside();  // Which may let a task start that waited for it: announced before the last look.
  const int task_class = spawned_class_.exchange(-1, std::memory_order_relaxed);
  const Instant from = team_.clock.now();
  end_busy(from);
  const bool was_woken = sleep_in_task(done, takes, longest);
  const Instant until = team_.clock.now();
  begin_busy(until);
  if (running_ != nullptr) running_->away += until - from;
  spawned_class_.store(task_class, std::memory_order_relaxed);
  return was_woken;
}

bool Worker::sleep_in_task(Predicate done, const Takes& takes, Duration longest) {
  const bool takes_deeper = takes.others && !takes.any();
  if (takes.others) {
    has_parked_ = true;
  } else if (std::exchange(has_parked_, false)) {
    // An earlier wake may have been for what it does not take any more.
    team_.pass_search_on(id_, true);
  }
  if (takes_deeper) {
    team_.sleeps_below[index_].store(takes.than, std::memory_order_seq_cst);
    team_.sleeping_below.fetch_add(1, std::memory_order_seq_cst);
  } else if (!takes.others && !takes.unwinds) {
    team_.exhausted.fetch_add(1, std::memory_order_relaxed);
  }
  if (takes.stalls) stall();
  lot().announce(id_, takes.any()    ? ParkingLot::Wakes::kForAnyWork
                      : takes.others ? ParkingLot::Wakes::kForSpawned
                                     : ParkingLot::Wakes::kForItselfOnly);
  bool was_woken = true;
  if (done() || stopping() || has_work_for(takes)) {
    lot().withdraw(id_);
  } else if (takes_deeper) {
    was_woken = lot().wait_for(id_, longest);
    if (!was_woken) lot().withdraw(id_);
  } else {
    lot().wait(id_);
  }
  if (takes_deeper) {
    team_.sleeping_below.fetch_sub(1, std::memory_order_seq_cst);
    team_.sleeps_below[index_].store(WorkerTeam::kSleepsNot, std::memory_order_relaxed);
  } else if (!takes.others && !takes.unwinds) {
    team_.exhausted.fetch_sub(1, std::memory_order_relaxed);
  }
  return was_woken;
}

void Worker::step_aside() {
  if (running_ == nullptr || running_->stands_aside) return;
  running_->stands_aside = true;
  running_word_.store(kNothingRuns, std::memory_order_relaxed);
  if (team_.exchange.step_aside(running_->task_class, domain_)) team_.wake_for_freed(domain_);
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
