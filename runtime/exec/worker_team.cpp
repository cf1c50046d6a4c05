#include "runtime/exec/worker_team.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/exception_text.hpp"

namespace weir {
namespace {

std::vector<int> sizes_of(const std::vector<int>& domain_of) {
  std::vector<int> sizes(static_cast<std::size_t>(1 + *std::ranges::max_element(domain_of)));
  for (const int domain : domain_of) ++sizes[static_cast<std::size_t>(domain)];
  return sizes;
}

}  // namespace

WorkerTeam::WorkerTeam(const KindTable& kind_table, const Clock& rank_clock,
                       std::vector<int> domains, std::function<void()> notify,
                       const QueueOptions& queue)
    : kinds(kind_table),
      clock(rank_clock),
      drop_late(queue.drop_late),
      domain_of(std::move(domains)),
      domain_sizes(sizes_of(domain_of)),
      exchange(std::move(notify), queue, domain_sizes),
      deques(domain_of.size()),
      tallies(domain_of.size() + 1) {
  for (std::size_t i = 0; i < domain_sizes.size(); ++i) {
    parking.emplace_back(static_cast<int>(domain_of.size()));
  }
}

bool WorkerTeam::has_reason_to_wake(std::size_t domain) const {
  return stopping.load(std::memory_order_seq_cst) || !exchange.looks_empty(domain) ||
         !std::ranges::all_of(deques, &WorkerDeque::looks_empty);
}

void WorkerTeam::wake_for_queued(std::size_t most) {
  for (std::size_t i = 0; i < parking.size(); ++i) {
    if (!exchange.looks_empty(i)) parking[i].wake(most);
  }
}

void WorkerTeam::wake_any(std::size_t most, std::size_t first_domain) {
  std::size_t domain = first_domain;
  for (std::size_t looked = 0; looked < parking.size(); ++looked) {
    most -= parking[domain].wake(most);
    if (++domain == parking.size()) domain = 0;
  }
}

void WorkerTeam::add_spawned(SpawnedTask task, TaskContext& context, WorkerDeque& deque,
                             SpawnTally& tally) {
  // Counted before anyone can finish it: finished never exceeds spawned.
  SpawnTally::count(tally.spawned);
  if (deque.push(task)) {
    const auto owner = static_cast<std::size_t>(&deque - deques.data());
    wake_any(1, static_cast<std::size_t>(domain_of[owner]));
  } else {
    run_spawned(task, context, tally);
  }
}

void WorkerTeam::run_spawned(SpawnedTask& task, TaskContext& context, SpawnTally& tally) {
  try {
    task.body(context);
  } catch (...) {
    SpawnTally::count(tally.failed);
    if (on_spawn_error) on_spawn_error(task.task_class, current_exception_text());
  }
  task.body = {};  // What it holds goes before it counts as finished.
  SpawnTally::count(tally.finished);
}

SpawnedTask WorkerTeam::spawned_kind(KindId kind, Payload payload, ClassId task_class) const {
  const TaskFunction& function = kinds.function(kind);
  auto body = [&function, payload = std::move(payload)](TaskContext& context) {
    Bytes dropped;
    function(context, payload, dropped);
  };
  static_assert(sizeof body <= SpawnBody::kInlineBytes);
  return {SpawnBody(std::move(body)), task_class};
}

}  // namespace weir
