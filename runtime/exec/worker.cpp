#include "runtime/exec/worker.hpp"

#include <pthread.h>

#include <cstddef>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/exception_text.hpp"
#include "runtime/exec/failed_attempt.hpp"

namespace weir {
namespace {

// The lowest address of this thread's stack, which is used from the upper end downwards.
const std::byte* end_of_stack() {
  pthread_attr_t attributes;
  void* lowest = nullptr;
  std::size_t bytes = 0;
  WEIR_CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0, "a thread without a stack");
  pthread_attr_getstack(&attributes, &lowest, &bytes);
  pthread_attr_destroy(&attributes);
  return static_cast<const std::byte*>(lowest);
}

}  // namespace

TaskEnd run_task(const Task& task, const KindTable& kinds, TaskContext& context) {
  const TaskHeader& header = task.header;
  if (!kinds.contains(header.kind)) {
    return failed_end(header, "unknown task kind " + std::to_string(header.kind.value()));
  }
  TaskEnd end{.id = header.id,
              .attempt = header.attempt,
              .task_class = header.task_class,
              .home = header.home,
              .load_at_arrival = header.load_at_arrival};
  try {
    kinds.function(header.kind)(context, task.payload, end.result);
  } catch (FailedAttempt& failed) {
    end.status = TaskStatus::kFailed;
    end.result = std::move(failed.result());
  } catch (...) {
    return failed_end(header, current_exception_text());
  }
  return end;
}

Worker::Worker(WorkerId id, WorkerTeam& team)
    : TaskContext(&team.desks[static_cast<std::size_t>(id.value())]),
      id_(id),
      index_(static_cast<std::size_t>(id.value())),
      domain_(static_cast<std::size_t>(team.domain_of[index_])),
      team_(team) {}

void Worker::run(const std::function<void(WorkerId)>& on_start) {
  // From here on: what lies above, such as the thread's variables, is not for tasks.
  const std::byte* const lowest = end_of_stack();
  const auto bytes = static_cast<const std::byte*>(__builtin_frame_address(0)) - lowest;
  quarter_used_ = lowest + bytes / 4 * 3;
  three_eighths_used_ = lowest + bytes / 8 * 5;
  set_stack_limit(lowest + bytes / 2);
  if (on_start) on_start(id_);
  set_current(this);
  QueuedTask queued;
  while (!stopping()) {
    if (SpawnFrame* frame = deque().pop_newest()) {
      run_spawned(*frame, deque());
    } else if (SpawnFrame* from_control = deque_of_control().pop_oldest()) {
      run_spawned(*from_control, deque_of_control());
    } else if (team_.exchange.take(queued, domain_)) {
      run_queued(queued);
    } else if (const Stolen stolen = steal(); stolen.frame != nullptr) {
      run_spawned(*stolen.frame, *stolen.from);
    } else {
      wait_for_work();
    }
  }
}

void Worker::stop_searching() {
  if (!has_parked_) return;
  has_parked_ = false;
  team_.pass_search_on(id_, false);
}

void Worker::run_queued(QueuedTask& queued) {
  // One end may let two tasks start, and has woken one worker.
  const bool was_woken = has_parked_;
  stop_searching();
  if (was_woken && !team_.exchange.looks_empty(domain_)) team_.wake_for_freed(domain_);
  for (;;) {
    Instant finish;
    TaskEnd end = run_one(queued, finish);
    const bool takes_next = !stopping() && deque().looks_empty();
    const TaskExchange::Posted posted =
        takes_next ? team_.exchange.post_and_take(std::move(end), finish, queued, domain_)
                   : team_.exchange.post(std::move(end), domain_);
    if (posted.lets_another_start) team_.wake_for_freed(domain_);
    if (!posted.has_next) return;
  }
}

// Where the task was free to go elsewhere, its wish was no promise.
bool Worker::names_no_domain(const TaskHeader& header) const {
  return header.memory_domain != kAnyMemoryDomain && (header.flags & kPinned) != 0 &&
         header.memory_domain >= team_.domain_sizes.size();
}

TaskEnd Worker::run_one(QueuedTask& queued, Instant& finish) {
  const Instant start = finish = team_.clock.now();
  if (team_.drop_late && is_late(queued.task.header, start, 1)) {
    queued.task.payload = {};
    return dropped_end(queued.task.header, start - queued.queued_at);
  }
  const TaskHeader& header = queued.task.header;
  if (names_no_domain(header)) {
    queued.task.payload = {};
    return failed_end(header, "there is no memory domain " + std::to_string(header.memory_domain) +
                                  " where the task was to run: that rank has " +
                                  std::to_string(team_.domain_sizes.size()));
  }
  const bool begins_period = !is_busy_;
  if (begins_period) begin_busy(start);
  Running running{
      .id = header.id, .task_class = header.task_class, .start = start, .beneath = running_};
  running_ = &running;
  show_running(running);
  const std::uint16_t depth_beneath = std::exchange(desk().depth, header.depth);
  TaskEnd end = run_task(queued.task, team_.kinds, *this);
  desk().depth = depth_beneath;
  running_ = running.beneath;
  running_word_.store(kNothingRuns, std::memory_order_relaxed);
  queued.task.payload = {};  // Not kept until the next task comes.
  finish = team_.clock.now();
  if (begins_period) end_busy(finish);
  end.running_alike = queued.running_alike;
  end.waited = start - queued.queued_at;
  end.service = finish - start - running.away;
  if (running_ != nullptr) running_->away += finish - start;
  return end;
}

void Worker::run_spawned(SpawnFrame& first, WorkerDeque& from) {
  stop_searching();
  // One busy period for as long as spawned tasks follow each other: they are too short to be timed
  // one by one.
  begin_busy(team_.clock.now());
  SpawnFrame* frame = &first;
  do {
    spawned_class_.store(frame->task_class.value(), std::memory_order_relaxed);
    perform(*frame);
    frame = stopping() ? nullptr : deque().pop_newest();
    // What else would come first has not come: more of the same.
    if (frame == nullptr && !stopping() && deque_of_control().looks_empty() &&
        team_.exchange.looks_empty(domain_)) {
      frame = from.pop_oldest();
    }
  } while (frame != nullptr);
  spawned_class_.store(-1, std::memory_order_relaxed);
  end_busy(team_.clock.now());
}

Worker::Stolen Worker::steal() {
  for (const int victim : team_.steal_order[index_]) {
    WorkerDeque& its = team_.desks[static_cast<std::size_t>(victim)].deque;
    if (SpawnFrame* frame = its.pop_oldest()) return {frame, &its};
  }
  return {};
}

void Worker::wait_for_work() {
  if (team_.spin > Duration::zero()) {
    const Instant until = team_.clock.now() + team_.spin;
    do {
      if (team_.has_reason_to_wake(domain_)) return;
    } while (team_.clock.now() < until);
  }
  lot().announce(id_);
  has_parked_ = true;
  if (team_.has_reason_to_wake(domain_)) {
    lot().withdraw(id_);
  } else {
    lot().wait(id_);
  }
}

void Worker::spawn(KindId kind, Payload payload, ClassId task_class) {
  spawn(SpawnedKind{team_.kinds.function(kind), std::move(payload)}, task_class);
}

void Worker::begin_busy(Instant now) {
  is_busy_ = true;
  busy_since_ = now;
  const Duration base = finished_busy_ - now.time_since_epoch();
  busy_word_.store(base.count() * 2 + 1, std::memory_order_release);
}

void Worker::end_busy(Instant now) {
  is_busy_ = false;
  finished_busy_ += now - busy_since_;
  busy_word_.store(finished_busy_.count() * 2, std::memory_order_release);
}

std::optional<RunningTask> Worker::running() const {
  const std::int64_t word = running_word_.load(std::memory_order_relaxed);
  if (word == kNothingRuns) return std::nullopt;
  return RunningTask{ClassId(static_cast<std::uint8_t>(word % kMaxClasses)),
                     Instant(Duration(word / kMaxClasses))};
}

Duration Worker::busy() const {
  // The clock counts only if the task still ran when it was read; otherwise read again.
  std::int64_t word = busy_word_.load(std::memory_order_seq_cst);
  for (;;) {
    const Duration base(word >> 1);  // Rounds down, also below zero.
    if ((word & 1) == 0) return base;
    const Duration busy = base + team_.clock.now().time_since_epoch();
    const std::int64_t again = busy_word_.load(std::memory_order_seq_cst);
    if (again == word) return busy;
    word = again;
  }
}

}  // namespace weir
