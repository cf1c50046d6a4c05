#include "runtime/exec/worker_team.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/exception_text.hpp"
#include "runtime/exec/asymmetric_fence.hpp"

namespace weir {
namespace {

std::vector<int> sizes_of(const std::vector<int>& domain_of) {
  std::vector<int> sizes(static_cast<std::size_t>(1 + *std::ranges::max_element(domain_of)));
  for (const int domain : domain_of) ++sizes[static_cast<std::size_t>(domain)];
  return sizes;
}

}  // namespace

WorkerTeam::WorkerTeam(const KindTable& kind_table, const Clock& rank_clock,
                       std::vector<int> domains, EndCalls end_calls, const QueueOptions& queue,
                       bool uses_fence)
    : kinds(kind_table),
      clock(rank_clock),
      drop_late(queue.drop_late),
      domain_of(std::move(domains)),
      domain_sizes(sizes_of(domain_of)),
      exchange(std::move(end_calls), queue, domain_sizes),
      parking(domain_of, uses_fence && has_heavy_fence()),
      sleeps_below(domain_of.size()) {
  for (std::atomic<int>& one : sleeps_below) one.store(kSleepsNot, std::memory_order_relaxed);
  for (std::size_t i = 0; i < domain_of.size(); ++i) {
    desks.emplace_back(parking, WorkerId(static_cast<std::int32_t>(i)),
                       static_cast<std::size_t>(domain_of[i]));
  }
  desks.emplace_back(parking, kNoWorker, 0);
}

WorkerTeam::~WorkerTeam() {
  for (SpawnDesk& desk : desks) {
    while (SpawnFrame* frame = desk.deque.pop_newest()) frame->act(*frame, nullptr);
  }
}

bool WorkerTeam::has_spawned() const {
  return !std::ranges::all_of(desks,
                              [](const SpawnDesk& desk) { return desk.deque.looks_empty(); });
}

bool WorkerTeam::has_work(std::size_t domain) const {
  return (!exchange.looks_empty(domain) && !stopping.load(std::memory_order_seq_cst)) ||
         has_spawned();
}

void WorkerTeam::wake_for_queued(std::size_t most) {
  for (std::size_t i = 0; i < domain_sizes.size(); ++i) {
    if (!exchange.looks_empty(i)) parking.wake(most, i);
  }
  wake_for_deeper(most);
}

// A worker says that it sleeps before it looks once more; who has made a task startable looks here
// after that. One that is woken and has something better to do passes the wake on (Worker::help).
void WorkerTeam::wake_for_deeper(std::size_t most) {
  if (sleeping_below.load(std::memory_order_seq_cst) == 0) return;
  for (std::size_t i = 0; i < sleeps_below.size() && most > 0; ++i) {
    const int than = sleeps_below[i].load(std::memory_order_seq_cst);
    if (than == kSleepsNot) continue;
    if (!exchange.has_deeper(static_cast<std::size_t>(domain_of[i]), than)) continue;
    if (parking.wake_worker(WorkerId(static_cast<std::int32_t>(i)))) --most;
  }
}

void WorkerTeam::wake_for_queued(const std::vector<std::size_t>& wishes, std::size_t others) {
  std::size_t unmet = 0;
  std::size_t all = others;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    all += wishes[i];
    if (wishes[i] + others == 0) continue;
    const std::size_t woken = exchange.looks_empty(i) ? 0 : parking.wake(wishes[i] + others, i);
    unmet += wishes[i] - std::min(wishes[i], woken);
  }
  if (unmet > 0) wake_for_queued(unmet);
  wake_for_deeper(all);
}

void WorkerTeam::pass_search_on(WorkerId worker, bool looks) {
  if (!parking.found_work(worker) && !looks) return;
  const auto domain = static_cast<std::size_t>(domain_of[static_cast<std::size_t>(worker.value())]);
  if (has_spawned()) parking.wake_searcher(domain);
  wake_for_queued(1);
}

void WorkerTeam::report_failure(ClassId task_class) const {
  if (on_spawn_error) on_spawn_error(task_class, current_exception_text());
}

}  // namespace weir
