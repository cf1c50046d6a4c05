#include "runtime/exec/timer_executor.hpp"

#include <algorithm>
#include <utility>

namespace weir {

TimerExecutor::TimerExecutor(ServiceModel model, const QueueOptions& queue)
    : model_(std::move(model)),
      queues_(queue),
      drop_late_(queue.drop_late),
      domains_(model_.cores(), model_.memory_domains()),
      classes_(domains_.sizes()) {
  const auto cores = static_cast<std::uint32_t>(model_.cores());
  running_.reserve(cores);
  ends_.resize(cores);
  for (std::uint32_t core = cores; core-- > 0;) free_cores_.push_back(core);
}

bool TimerExecutor::ends_later(const Running& a, const Running& b) {
  return a.ends != b.ends ? a.ends > b.ends : a.sequence > b.sequence;
}

void TimerExecutor::enqueue(std::vector<Task> tasks, Instant now) {
  advance(now);
  for (Task& task : tasks) queues_.push(std::move(task), now);
  start_what_may(now);
}

void TimerExecutor::set_class_limits(const ClassLimits& limits, Instant now) {
  advance(now);
  classes_.set_limits(limits);
  start_what_may(now);
}

void TimerExecutor::start_what_may(Instant at) {
  QueuedTask queued;
  while (running_.size() < static_cast<std::size_t>(model_.cores()) && take_next(queued, at)) {
    start(queued, at);
  }
}

bool TimerExecutor::take_next(QueuedTask& queued, Instant at) {
  while (queues_.pop_next(queued, domains_.startable(classes_), classes_)) {
    const TaskHeader& header = queued.task.header;
    if (!drop_late_ || !is_late(header, at, model_.speed())) return true;
    ended_.push_back({at, dropped_end(header, at - queued.queued_at)});
  }
  return false;
}

void TimerExecutor::start(QueuedTask& queued, Instant at) {
  const TaskHeader& header = queued.task.header;
  const std::uint32_t core = free_cores_.back();
  free_cores_.pop_back();
  const std::size_t domain = domains_.place(header.task_class, classes_);
  const Duration service = model_.service(header, at, classes_.counts(domain));
  domains_.take(domain);
  classes_.on_start(header.task_class, domain);
  ends_[core] = {.id = header.id,
                 .attempt = header.attempt,
                 .task_class = header.task_class,
                 .home = header.home,
                 .load_at_arrival = header.load_at_arrival,
                 .running_alike = classes_.count(header.task_class, domain),
                 .waited = at - queued.queued_at,
                 .service = service,
                 .result = {}};
  started_ += at.time_since_epoch();
  last_start_ = at;
  running_.push_back({at + service, next_sequence_++, core, static_cast<std::uint32_t>(domain)});
  std::ranges::push_heap(running_, ends_later);
}

void TimerExecutor::advance(Instant now) {
  while (!running_.empty() && running_.front().ends <= now) {
    std::ranges::pop_heap(running_, ends_later);
    const Running last = running_.back();
    running_.pop_back();
    free_cores_.push_back(last.core);
    ended_.push_back({last.ends, std::move(ends_[last.core])});
    const TaskEnd& end = ended_.back().end;
    classes_.on_end(end.task_class, last.domain);
    domains_.give_back(last.domain);
    ended_busy_ += end.service;
    started_ -= last.ends.time_since_epoch() - end.service;
    start_what_may(last.ends);
  }
}

void TimerExecutor::take_ended(Instant now, std::vector<TaskEnd>& ended) {
  advance(now);
  for (Ended& one : ended_) {
    lateness_.add(now - one.at);
    ended.push_back(std::move(one.end));
  }
  ended_.clear();
}

std::vector<Task> TimerExecutor::take_back(std::size_t most, ClassMask of) {
  return queues_.take_back(most, of);
}

ExecutorLoad TimerExecutor::load(Instant now) const {
  ExecutorLoad load;
  for (std::size_t i = 0; i < load.classes.size(); ++i) {
    const ClassId task_class(static_cast<std::uint8_t>(i));
    load.classes[i] = {static_cast<std::uint32_t>(queues_.size(task_class)),
                       classes_.count(task_class), classes_.node_limit(task_class)};
  }
  load.queued = static_cast<std::uint32_t>(queues_.size());
  load.running = static_cast<std::uint32_t>(running_.size());
  load.busy = ended_busy_ + busy_of_running(now);
  return load;
}

void TimerExecutor::append_running(std::vector<RunningTask>& running) const {
  for (const Running& one : running_) {
    const TaskEnd& end = ends_[one.core];
    running.push_back({end.task_class, one.ends - end.service});
  }
}

Duration TimerExecutor::busy_of_running(Instant now) const {
  // Asked in every round of an agent, mostly while everything that has started still runs.
  if (running_.empty()) return Duration(0);
  if (last_start_ <= now && now <= running_.front().ends) {
    return static_cast<std::int64_t>(running_.size()) * now.time_since_epoch() - started_;
  }
  Duration busy{0};
  for (const Running& running : running_) {
    const Instant started = running.ends - ends_[running.core].service;
    busy += std::max(std::min(now, running.ends) - started, Duration::zero());
  }
  return busy;
}

Instant TimerExecutor::next_end() const {
  if (!ended_.empty()) return ended_.front().at;
  return running_.empty() ? kNever : running_.front().ends;
}

}  // namespace weir
