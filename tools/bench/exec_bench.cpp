// What the executors themselves cost: no-op tasks through enqueue, run and take_ended; spawning;
// the way from a sleeping worker and back; emulated tasks.
//
//   build/release/tools/bench/exec_bench --benchmark_repetitions=5

#include <benchmark/benchmark.h>

#include <chrono>
#include <semaphore>
#include <vector>

#include "runtime/environment/clock.hpp"
#include "runtime/exec/thread_executor.hpp"
#include "runtime/exec/timer_executor.hpp"

namespace weir {
namespace {

constexpr std::size_t kBatch = 256;

class BenchClock final : public Clock {
 public:
  Instant now() const override {
    return Instant(
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
  }
};

std::vector<Task> make_tasks(KindId kind, std::size_t count) {
  std::vector<Task> tasks(count);
  for (Task& task : tasks) task.header.kind = kind;
  return tasks;
}

// Items per second = tasks per second, with up to 16 batches under way; the control thread
// polls.
void no_op_tasks(benchmark::State& state) {
  const BenchClock clock;
  KindTable kinds;
  const KindId nothing = kinds.add("nothing", [](TaskContext&, const Payload&, Bytes&) {});
  ThreadExecutor executor(kinds, clock, {.worker_count = static_cast<int>(state.range(0))});
  std::vector<TaskEnd> ends;
  std::size_t under_way = 0;
  std::int64_t ended = 0;
  const auto take = [&] {
    ends.clear();
    executor.take_ended(clock.now(), ends);
    under_way -= ends.size();
    ended += static_cast<std::int64_t>(ends.size());
  };
  for (auto _ : state) {
    executor.enqueue(make_tasks(nothing, kBatch), clock.now());
    under_way += kBatch;
    take();
    while (under_way > 16 * kBatch) {
      std::this_thread::yield();
      take();
    }
  }
  while (under_way > 0) {
    take();
    std::this_thread::yield();
  }
  state.SetItemsProcessed(ended);
}
BENCHMARK(no_op_tasks)->Arg(1)->Arg(2)->Arg(4)->UseRealTime();

// One task at a time to a sleeping worker; the control thread sleeps too.
void round_trip_from_idle(benchmark::State& state) {
  const BenchClock clock;
  KindTable kinds;
  const KindId nothing = kinds.add("nothing", [](TaskContext&, const Payload&, Bytes&) {});
  std::binary_semaphore bell{0};
  ThreadExecutor executor(kinds, clock,
                          {.worker_count = 1,
                           .notify = [&bell] { bell.release(); },
                           .spin = std::chrono::microseconds(state.range(0))});
  std::vector<TaskEnd> ends;
  for (auto _ : state) {
    executor.enqueue(make_tasks(nothing, 1), clock.now());
    bell.acquire();
    ends.clear();
    executor.take_ended(clock.now(), ends);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(round_trip_from_idle)->ArgName("spin_us")->Arg(0)->Arg(5)->Arg(20)->UseRealTime();

void immediate_task(benchmark::State& state) {
  const BenchClock clock;
  KindTable kinds;
  const KindId now =
      kinds.add("now", [](TaskContext&, const Payload&, Bytes&) {}, {.immediate = true});
  ThreadExecutor executor(kinds, clock, {.worker_count = 1});
  std::vector<TaskEnd> ends;
  for (auto _ : state) {
    executor.enqueue(make_tasks(now, 1), clock.now());
    ends.clear();
    executor.take_ended(clock.now(), ends);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(immediate_task)->UseRealTime();

// Items per second = spawned tasks per second: one task spawns and the workers run a batch of them.
void spawned_tasks(benchmark::State& state) {
  constexpr std::uint64_t kSpawns = 4096;
  const BenchClock clock;
  KindTable kinds;
  const KindId spawns = kinds.add("spawns", [](TaskContext& context, const Payload&, Bytes&) {
    for (std::uint64_t i = 0; i < kSpawns; ++i) context.spawn([](TaskContext&) {}, ClassId(0));
  });
  ThreadExecutor executor(kinds, clock, {.worker_count = static_cast<int>(state.range(0))});
  std::uint64_t spawned = 0;
  for (auto _ : state) {
    executor.enqueue(make_tasks(spawns, 1), clock.now());
    spawned += kSpawns;
    while (executor.spawn_counts().finished < spawned) std::this_thread::yield();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(spawned));
}
BENCHMARK(spawned_tasks)->Arg(1)->Arg(2)->Arg(4)->UseRealTime();

// Recursive halving, the usual shape of spawned work.
void halve(TaskContext& context, int leaves) {
  while (leaves > 1) {
    const int half = leaves / 2;
    context.spawn([half](TaskContext& inner) { halve(inner, half); }, ClassId(0));
    leaves -= half;
  }
}
void spawn_tree(benchmark::State& state) {
  constexpr int kLeaves = 4096;
  const BenchClock clock;
  KindTable kinds;
  const KindId tree = kinds.add(
      "tree", [](TaskContext& context, const Payload&, Bytes&) { halve(context, kLeaves); });
  ThreadExecutor executor(kinds, clock, {.worker_count = static_cast<int>(state.range(0))});
  std::uint64_t spawned = 0;
  for (auto _ : state) {
    executor.enqueue(make_tasks(tree, 1), clock.now());
    spawned += kLeaves - 1;
    while (executor.spawn_counts().finished < spawned) std::this_thread::yield();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(spawned));
}
BENCHMARK(spawn_tree)->Arg(1)->Arg(2)->Arg(4)->UseRealTime();

// Items per second = emulated tasks per second on one node of 44 cores, always busy.
void emulated_tasks(benchmark::State& state) {
  TimerExecutor executor(ServiceModel(EmulationSpec::parse("nodes=44x1.2;work_ms=114"), 0, 1));
  Instant now{};
  executor.enqueue(make_tasks(KindId(0), 1000), now);
  std::vector<TaskEnd> ends;
  std::uint64_t next = 0;
  std::int64_t ended = 0;
  for (auto _ : state) {
    now = executor.next_end();
    ends.clear();
    executor.take_ended(now, ends);
    ended += static_cast<std::int64_t>(ends.size());
    std::vector<Task> tasks = make_tasks(KindId(0), ends.size());
    for (Task& task : tasks) task.header.id = TaskId(next++);
    executor.enqueue(std::move(tasks), now);
  }
  state.SetItemsProcessed(ended);
}
BENCHMARK(emulated_tasks);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
