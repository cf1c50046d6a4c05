#include "runtime/control/work_host.hpp"

#include <set>
#include <utility>

namespace weir {

WorkHost::WorkHost(RankId self, const WorkHostOptions& options, Executor& executor,
                   NodeMeter& meter, Transport& transport)
    : self_(self),
      options_(options),
      executor_(executor),
      meter_(meter),
      transport_(transport),
      desk_(self, options.reservations, executor, transport) {}

void WorkHost::accept_local(std::vector<Task> tasks, Instant now) {
  for (const Task& task : tasks) meter_.on_arrived(task.header.task_class);
  if (options_.keeps_latencies) {
    std::uint32_t load = probe_answer(now).in_flight;
    for (Task& task : tasks) task.header.load_at_arrival = load++;
  }
  desk_.enqueue(std::move(tasks), now);
}

WorkHost::Peer& WorkHost::peer_of(RankId home) {
  const auto position = static_cast<std::size_t>(home.value());
  if (position >= peers_.size()) peers_.resize(position + 1);
  return peers_[position];
}

void WorkHost::accept_placed(RankId home, std::vector<Task> tasks, Instant now) {
  Peer& peer = peer_of(home);
  const bool was_due = peer.owed_credit >= options_.credit_portion;
  for (Task& task : tasks) {
    if ((task.header.flags & kUncredited) == 0) ++peer.owed_credit;
    task.header.flags &= ~kUncredited;
  }
  if (!was_due && peer.owed_credit >= options_.credit_portion) owed_.push_back(home);
  accept_local(std::move(tasks), now);
}

void WorkHost::accept_handed_over(std::vector<Task> tasks, Instant now) {
  for (Task& task : tasks) task.header.flags |= kHandedOver;
  accept_local(std::move(tasks), now);
}

// Past the line: they have stood in it.
void WorkHost::accept_requested(RankId home, RequestAnswer answer, Instant now) {
  desk_.on_answer(home, answer);
  for (const Task& task : answer.tasks) meter_.on_arrived(task.header.task_class);
  if (!answer.tasks.empty()) executor_.enqueue(std::move(answer.tasks), now);
}

Backlog WorkHost::backlog(Instant now, const ClassServices& elsewhere) const {
  return {meter_.worker_count(), meter_.class_loads(executor_.load(now)), elsewhere};
}

void WorkHost::revoke(RankId home, const Revocation& revoked, Instant now) {
  std::set<std::pair<TaskId, std::uint32_t>> attempts;
  for (const Reservation& one : revoked.attempts) attempts.emplace(one.task, one.attempt);
  remove_queued(
      [&](const TaskHeader& task) {
        return task.home == home && attempts.contains({task.id, task.attempt});
      },
      now);
}

void WorkHost::forget_home(RankId home, Instant now) {
  desk_.forget_home(home);
  remove_queued([home](const TaskHeader& task) { return task.home == home; }, now);
}

// All that may be taken out of the queue comes out, and what still counts goes back in its order: a
// pass over the queue, for something that is rare.
void WorkHost::remove_queued(const std::function<bool(const TaskHeader&)>& is_void, Instant now) {
  std::vector<Task> tasks = executor_.take_back(executor_.counts(now).queued);
  std::erase_if(tasks, [&](const Task& task) { return is_void(task.header); });
  if (!tasks.empty()) executor_.enqueue(std::move(tasks), now);
}

ProbeAnswer WorkHost::probe_answer(Instant now) const {
  const ExecutorCounts counts = executor_.counts(now);
  const std::uint32_t in_flight = counts.queued + counts.running;
  return {in_flight, static_cast<std::uint32_t>(executor_.worker_count()),
          latencies_.at(in_flight)};
}

void WorkHost::collect(Instant now, std::vector<TaskEnd>& local) {
  ended_.clear();
  executor_.take_ended(now, ended_);
  ended_count_ += ended_.size();
  for (TaskEnd& end : ended_) {
    // What failed without being run says nothing of its class.
    const bool ran = end.status == TaskStatus::kDone || end.service > Duration::zero();
    if (ran && end.status != TaskStatus::kDropped) {
      meter_.on_ended(end.task_class, end.service, end.running_alike);
    }
    if (options_.keeps_latencies && end.status == TaskStatus::kDone) {
      latencies_.add(end.load_at_arrival, end.waited + end.service);
    }
    if (end.home == self_) {
      local.push_back(std::move(end));
      continue;
    }
    const RankId home = end.home;
    Peer& peer = peer_of(home);
    if (!peer.listed) {
      peer.listed = true;
      with_ends_.push_back(home);
    }
    peer.result_bytes += end.result.size();
    peer.ends.push_back(std::move(end));
    if (peer.ends.size() >= options_.max_batch_ends ||
        peer.result_bytes >= options_.max_batch_bytes) {
      send_ends(home);
    }
  }
  for (const RankId home : with_ends_) {
    send_ends(home);
    peers_[home.value()].listed = false;
  }
  with_ends_.clear();
  if (!owed_.empty()) return_credit(executor_.counts(now).queued);
}

void WorkHost::send_ends(RankId home) {
  Peer& peer = peers_[home.value()];
  if (peer.ends.empty()) return;
  peer.result_bytes = 0;
  transport_.send(home, EndBatch{std::exchange(peer.ends, {})});
}

void WorkHost::return_credit(std::uint32_t queued) {
  if (queued > options_.queue_limit) return;
  for (const RankId home : owed_) {
    transport_.send(home, CreditReturn{std::exchange(peers_[home.value()].owed_credit, 0)});
  }
  owed_.clear();
}

}  // namespace weir
