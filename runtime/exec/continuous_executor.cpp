#include "runtime/exec/continuous_executor.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir {

ContinuousExecutor::ContinuousExecutor(ServiceModel model, const QueueOptions& queue)
    : model_(std::move(model)),
      queues_(queue),
      drop_late_(queue.drop_late),
      groups_(1 + static_cast<std::size_t>(model_.memory_domains())),
      domains_(model_.cores(), model_.memory_domains()),
      classes_(domains_.sizes()) {
  renew_speeds();
}

bool ContinuousExecutor::ends_later(const Running& a, const Running& b) {
  return a.ends_at_s != b.ends_at_s ? a.ends_at_s > b.ends_at_s : a.sequence > b.sequence;
}

void ContinuousExecutor::enqueue(std::vector<Task> tasks, Instant now) {
  advance(now);
  for (Task& task : tasks) queues_.push(std::move(task), now);
  start_what_may(now);
}

void ContinuousExecutor::set_class_limits(const ClassLimits& limits, Instant now) {
  advance(now);
  classes_.set_limits(limits);
  start_what_may(now);
}

void ContinuousExecutor::start_what_may(Instant now) {
  const auto cores = static_cast<std::size_t>(model_.cores());
  const ClassMask startable = domains_.startable(classes_);
  if (running_count_ == cores || (queues_.filled() & startable) == 0) return;
  move_clocks(now);
  QueuedTask queued;
  while (running_count_ < cores && take_next(queued)) start(queued);
  renew_speeds();
}

ContinuousExecutor::Group& ContinuousExecutor::first_to_end() {
  return *std::ranges::min_element(groups_, [](const Group& a, const Group& b) {
    if (a.next_end != b.next_end) return a.next_end < b.next_end;
    if (a.running.empty() || b.running.empty()) return !a.running.empty();
    return a.running.front().sequence < b.running.front().sequence;
  });
}

Instant ContinuousExecutor::first_end() const {
  return std::ranges::min_element(groups_, {}, &Group::next_end)->next_end;
}

Instant ContinuousExecutor::next_change() const {
  return std::min(first_end(), model_.node_speed().next_change());
}

void ContinuousExecutor::advance(Instant now) {
  QueuedTask queued;
  for (Instant next = next_change(); next <= now; next = next_change()) {
    move_clocks(next);
    Group& first = first_to_end();
    if (first.next_end == next) {
      end_first(first);
      while (running_count_ < static_cast<std::size_t>(model_.cores()) && take_next(queued)) {
        start(queued);
      }
    }
    renew_speeds();
  }
}

void ContinuousExecutor::move_clocks(Instant to) {
  const double elapsed_s = to_seconds(to - as_of_);
  as_of_ = to;
  for (Group& group : groups_) group.clock_s += elapsed_s * group.speed;
}

// After anything that changes them, or what ends next. The clocks stand at the present.
void ContinuousExecutor::renew_speeds() {
  const double speed = model_.node_speed().at(as_of_);
  for (Group& group : groups_) {
    if (group.running.empty()) {
      group.clock_s = 0;  // Its digits go to the left of the point again.
      group.next_end = kNever;
      continue;
    }
    const bool is_hungry = &group != &groups_.front();
    const auto count = static_cast<double>(group.running.size());
    group.speed = is_hungry ? speed / model_.interference_factor(count) : speed;
    const double left_s =
        std::max(0.0, group.running.front().ends_at_s - group.clock_s) / group.speed;
    // The first nanosecond at which its work is done.
    group.next_end =
        as_of_ +
        Duration(static_cast<Duration::rep>(std::ceil(std::min(left_s, kLongestServiceS) * 1e9)));
  }
}

bool ContinuousExecutor::take_next(QueuedTask& queued) {
  while (queues_.pop_next(queued, domains_.startable(classes_), classes_)) {
    const TaskHeader& header = queued.task.header;
    if (!drop_late_ || !is_late(header, as_of_, model_.speed())) return true;
    ended_.push_back({as_of_, dropped_end(header, as_of_ - queued.queued_at)});
  }
  return false;
}

void ContinuousExecutor::start(QueuedTask& queued) {
  const TaskHeader& header = queued.task.header;
  const std::size_t domain = domains_.place(header.task_class, classes_);
  Group& group = group_of(header.task_class, domain);
  Running running;
  running.domain = domain;
  running.ends_at_s = group.clock_s + model_.work_s(header);
  running.sequence = next_sequence_++;
  running.started = as_of_;
  running.end.id = header.id;
  running.end.attempt = header.attempt;
  running.end.task_class = header.task_class;
  running.end.home = header.home;
  running.end.load_at_arrival = header.load_at_arrival;
  running.end.waited = as_of_ - queued.queued_at;
  domains_.take(domain);
  classes_.on_start(header.task_class, domain);
  running.end.running_alike = classes_.count(header.task_class, domain);
  ++running_count_;
  started_ += as_of_.time_since_epoch();
  group.running.push_back(std::move(running));
  std::ranges::push_heap(group.running, ends_later);
}

void ContinuousExecutor::end_first(Group& group) {
  std::ranges::pop_heap(group.running, ends_later);
  Running& last = group.running.back();
  Ended ended{as_of_, std::move(last.end)};
  started_ -= last.started.time_since_epoch();
  ended.end.service = std::max(as_of_ - last.started, Duration(1));
  domains_.give_back(last.domain);
  classes_.on_end(ended.end.task_class, last.domain);
  group.running.pop_back();
  --running_count_;
  ended_busy_ += ended.end.service;
  ended_.push_back(std::move(ended));
}

void ContinuousExecutor::take_ended(Instant now, std::vector<TaskEnd>& ended) {
  advance(now);
  for (Ended& one : ended_) {
    lateness_.add(now - one.at);
    ended.push_back(std::move(one.end));
  }
  ended_.clear();
}

ExecutorLoad ContinuousExecutor::load(Instant now) const {
  ExecutorLoad load;
  for (std::size_t i = 0; i < load.classes.size(); ++i) {
    const ClassId task_class(static_cast<std::uint8_t>(i));
    load.classes[i] = {static_cast<std::uint32_t>(queues_.size(task_class)),
                       classes_.count(task_class), classes_.node_limit(task_class)};
  }
  load.queued = static_cast<std::uint32_t>(queues_.size());
  load.running = static_cast<std::uint32_t>(running_count_);
  const Instant until = std::min(now, first_end());
  load.busy =
      ended_busy_ + static_cast<Duration::rep>(load.running) * until.time_since_epoch() - started_;
  return load;
}

void ContinuousExecutor::append_running(std::vector<RunningTask>& running) const {
  for (const Group& group : groups_) {
    for (const Running& one : group.running) {
      running.push_back({one.end.task_class, one.started});
    }
  }
}

Instant ContinuousExecutor::next_end() const {
  if (!ended_.empty()) return ended_.front().at;
  return running_count_ == 0 ? kNever : next_change();
}

}  // namespace weir
