#include "runtime/exec/worker.hpp"

#include <utility>

#include "runtime/base/exception_text.hpp"
#include "runtime/exec/failed_attempt.hpp"

namespace weir {

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
    : id_(id),
      index_(static_cast<std::size_t>(id.value())),
      domain_(static_cast<std::size_t>(team.domain_of[index_])),
      team_(team) {}

void Worker::run(const std::function<void(WorkerId)>& on_start) {
  if (on_start) on_start(id_);
  QueuedTask queued;
  SpawnedTask spawned;
  while (!stopping()) {
    if (deque().pop_newest(spawned)) {
      run_spawned(spawned);
    } else if (team_.exchange.take(queued, domain_)) {
      run_queued(queued);
    } else if (steal(spawned)) {
      run_spawned(spawned);
    } else {
      wait_for_work();
    }
  }
}

void Worker::run_queued(QueuedTask& queued) {
  for (;;) {
    TaskEnd end = run_one(queued);
    const bool takes_next = !stopping() && deque().looks_empty();
    const TaskExchange::Posted posted =
        takes_next ? team_.exchange.post_and_take(std::move(end), queued, domain_)
                   : team_.exchange.post(std::move(end), domain_);
    if (posted.lets_another_start) lot().wake(1);
    if (!posted.has_next) return;
  }
}

TaskEnd Worker::run_one(QueuedTask& queued) {
  const Instant start = team_.clock.now();
  if (team_.drop_late && is_late(queued.task.header, start, 1)) {
    queued.task.payload = {};
    return dropped_end(queued.task.header, start - queued.queued_at);
  }
  begin_busy(start);
  running_word_.store(
      start.time_since_epoch().count() * kMaxClasses + queued.task.header.task_class.value(),
      std::memory_order_relaxed);
  TaskEnd end = run_task(queued.task, team_.kinds, *this);
  running_word_.store(kNothingRuns, std::memory_order_relaxed);
  queued.task.payload = {};  // Not kept until the next task comes.
  const Instant finish = team_.clock.now();
  end_busy(finish);
  end.running_alike = queued.running_alike;
  end.waited = start - queued.queued_at;
  end.service = finish - start;
  return end;
}

void Worker::run_spawned(SpawnedTask& task) {
  // One busy period for as long as spawned tasks follow each other: they are too short to be timed
  // one by one.
  begin_busy(team_.clock.now());
  do {
    spawned_class_.store(task.task_class.value(), std::memory_order_relaxed);
    team_.run_spawned(task, *this, tally());
  } while (!stopping() && deque().pop_newest(task));
  spawned_class_.store(-1, std::memory_order_relaxed);
  end_busy(team_.clock.now());
}

bool Worker::steal(SpawnedTask& task) {
  for (const int victim : team_.steal_order[index_]) {
    if (team_.deques[static_cast<std::size_t>(victim)].pop_oldest(task)) return true;
  }
  return false;
}

void Worker::wait_for_work() {
  if (team_.spin > Duration::zero()) {
    const Instant until = team_.clock.now() + team_.spin;
    do {
      if (team_.has_reason_to_wake(domain_)) return;
    } while (team_.clock.now() < until);
  }
  lot().announce(id_);
  if (team_.has_reason_to_wake(domain_)) {
    lot().withdraw(id_);
  } else {
    lot().wait(id_);
  }
}

void Worker::spawn(KindId kind, Payload payload, ClassId task_class) {
  push(team_.spawned_kind(kind, std::move(payload), task_class));
}

void Worker::push(SpawnedTask task) { team_.add_spawned(std::move(task), *this, deque(), tally()); }

void Worker::begin_busy(Instant now) {
  busy_since_ = now;
  const Duration base = finished_busy_ - now.time_since_epoch();
  busy_word_.store(base.count() * 2 + 1, std::memory_order_release);
}

void Worker::end_busy(Instant now) {
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
