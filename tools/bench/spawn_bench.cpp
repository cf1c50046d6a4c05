// What spawned tasks cost, beside oneTBB's task_group where that is installed: empty tasks, spawned
// in batches and waited for, and fib(30) that spawns one half and calls the other, without a
// cut-off. Both runtimes take turns in one program; medians, the ratio of the medians and the
// program's peak memory after each part are printed.
//
//   build/release/tools/bench/spawn_bench [ROUNDS]     31 by default

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <semaphore>
#include <string>
#include <vector>

#ifdef WEIR_BENCH_WITH_TBB
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>
#endif

#include "runtime/exec/task_group.hpp"
#include "runtime/exec/thread_executor.hpp"

namespace weir {
namespace {

constexpr int kEmptyTasks = 200000;
constexpr int kBatch = 1000;
constexpr int kNumber = 30;
constexpr long kResult = 832040;
constexpr double kFibTasks = 1346268;  // calls of fib(30) with a number above 1

class BenchClock final : public Clock {
 public:
  Instant now() const override {
    return Instant(
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
  }
};

long fib(TaskContext& context, int n) {
  if (n < 2) return n;
  long first = 0;
  TaskGroup group(context);
  group.spawn([&first, n](TaskContext& inner) { first = fib(inner, n - 1); });
  const long second = fib(context, n - 2);
  group.wait();
  return first + second;
}

void spawn_empty(TaskContext& context) {
  TaskGroup group(context);
  for (int left = kEmptyTasks; left > 0; left -= kBatch) {
    for (int i = 0; i < kBatch; ++i) group.spawn([](TaskContext&) {});
    group.wait();
  }
}

void check(long result) {
  if (result == kResult) return;
  std::fprintf(stderr, "spawn_bench: fib(%d) = %ld, not %ld\n", kNumber, result, kResult);
  std::exit(1);
}

// Seconds that each of two parts takes on weir's workers. Between the runs they sleep.
class Weir {
 public:
  explicit Weir(int workers) {
    empty_ = kinds_.add("empty", [this](TaskContext& context, const Payload&, Bytes&) {
      time([&] { spawn_empty(context); });
    });
    fib_ = kinds_.add("fib", [this](TaskContext& context, const Payload&, Bytes&) {
      time([&] { check(fib(context, kNumber)); });
    });
    executor_.emplace(
        kinds_, clock_,
        ThreadExecutorOptions{.worker_count = workers, .notify = [this] { bell_.release(); }});
  }
  double empty() { return run(empty_); }
  double fib30() { return run(fib_); }

 private:
  template <typename Part>
  void time(Part part) {
    const Instant start = clock_.now();
    part();
    seconds_ = to_seconds(clock_.now() - start);
  }
  double run(KindId kind) {
    std::vector<Task> tasks(1);
    tasks.front().header.kind = kind;
    executor_->enqueue(std::move(tasks), clock_.now());
    bell_.acquire();
    std::vector<TaskEnd> ends;
    executor_->take_ended(clock_.now(), ends);
    return seconds_;
  }

  BenchClock clock_;
  KindTable kinds_;
  KindId empty_, fib_;
  double seconds_ = 0;
  std::binary_semaphore bell_{0};
  std::optional<ThreadExecutor> executor_;
};

#ifdef WEIR_BENCH_WITH_TBB
long fib_with_tbb(int n) {
  if (n < 2) return n;
  long first = 0;
  tbb::task_group group;
  group.run([&first, n] { first = fib_with_tbb(n - 1); });
  const long second = fib_with_tbb(n - 2);
  group.wait();
  return first + second;
}

class Tbb {
 public:
  explicit Tbb(int workers) : arena_(workers) {}
  double empty() {
    return time([] {
      tbb::task_group group;
      for (int left = kEmptyTasks; left > 0; left -= kBatch) {
        for (int i = 0; i < kBatch; ++i) group.run([] {});
        group.wait();
      }
    });
  }
  double fib30() {
    return time([] { check(fib_with_tbb(kNumber)); });
  }

 private:
  template <typename Part>
  double time(Part part) {
    double seconds = 0;
    arena_.execute([&] {
      const Instant start = clock_.now();
      part();
      seconds = to_seconds(clock_.now() - start);
    });
    return seconds;
  }
  BenchClock clock_;
  tbb::task_arena arena_;
};
#endif

double median(std::vector<double>& of) {
  const auto middle = of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2);
  std::ranges::nth_element(of, middle);
  return *middle;
}

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Seconds of both, in turns; the peer may be missing.
void compare(const std::string& name, double tasks, int rounds, const std::function<double()>& ours,
             const std::function<double()>& theirs) {
  std::vector<double> a, b;
  ours();
  if (theirs) theirs();
  for (int i = 0; i < rounds; ++i) {
    a.push_back(ours());
    if (theirs) b.push_back(theirs());
  }
  const double weir_s = median(a);
  std::printf("%-18s weir %8.2f ms %6.1f ns per task", name.c_str(), weir_s * 1e3,
              weir_s / tasks * 1e9);
  if (theirs) {
    const double tbb_s = median(b);
    std::printf("   oneTBB %8.2f ms %6.1f ns   weir / oneTBB %.2f", tbb_s * 1e3,
                tbb_s / tasks * 1e9, weir_s / tbb_s);
  }
  std::printf("   peak %.1f MiB\n", peak_mib());
}

void measure(int workers, int rounds) {
  Weir weir(workers);
  const std::string on = ", " + std::to_string(workers) + (workers == 1 ? " worker" : " workers");
#ifdef WEIR_BENCH_WITH_TBB
  Tbb tbb(workers);
  const std::function<double()> tbb_empty = [&] { return tbb.empty(); };
  const std::function<double()> tbb_fib = [&] { return tbb.fib30(); };
#else
  const std::function<double()> tbb_empty, tbb_fib;
#endif
  compare(
      "empty" + on, kEmptyTasks, rounds, [&] { return weir.empty(); }, tbb_empty);
  compare(
      "fib(30)" + on, kFibTasks, rounds, [&] { return weir.fib30(); }, tbb_fib);
}

}  // namespace
}  // namespace weir

int main(int argument_count, char** arguments) {
  const int rounds = argument_count > 1 ? std::atoi(arguments[1]) : 31;
  if (rounds < 1) {
    std::fprintf(stderr, "spawn_bench: a number of rounds is needed, such as 31\n");
    return 2;
  }
#ifdef WEIR_BENCH_WITH_TBB
  const tbb::global_control two(tbb::global_control::max_allowed_parallelism, 2);
#else
  std::printf("without oneTBB (Debian: libtbb-dev)\n");
#endif
  for (const int workers : {1, 2}) weir::measure(workers, rounds);
  return 0;
}
