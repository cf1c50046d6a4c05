// How small tasks may be: the share of the peak rate that is kept with tasks of a given length. One
// line of CSV for each length: pattern, microseconds of work in a task, share of the peak, tasks/s.
// The peak is the rate of work of plain loops on all ranks, in the same process, in turns.
//
//   mpirun -n 2 granularity_bench independent   each rank spawns its own; nothing depends on
//   anything mpirun -n 2 granularity_bench exchange      16 tasks of each rank a step, then borders
//   are exchanged mpirun -n 2 granularity_bench stencil       one home; a task starts when three of
//   the step before
//                                               are complete, on whatever rank those were

#include <mpi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/exec/task_group.hpp"
#include "runtime/session/session.hpp"

namespace weir {
namespace {

constexpr int kRounds = 5;
constexpr double kSecondsOfWork = 0.1;  // on each rank, in one measurement
constexpr int kWidth = 16;              // tasks of a rank in a step

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void work(long iterations) {
  double x = 1;
  for (long i = 0; i < iterations; ++i) x = x * 0.999999 + 1e-7;
  volatile double kept = x;
  (void)kept;
}

// Seconds until the last rank is done, the same on all.
double timed(const std::function<void()>& action) {
  MPI_Barrier(MPI_COMM_WORLD);
  const double began = now_s();
  action();
  double took = now_s() - began;
  MPI_Allreduce(MPI_IN_PLACE, &took, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return took;
}

class Bench {
 public:
  Bench() {
    session_.start();
    constexpr long kProbe = 20'000'000;
    iterations_per_us_ = kProbe / (1e6 * timed([] { work(kProbe); }));
  }
  bool is_first() const { return session_.rank() == RankId(0); }

  // `run(tasks of a rank, iterations of a task)` does them and waits for all ranks.
  void measure(const char* pattern, const std::function<void(int, long)>& run) {
    for (double us = 0.25; us <= 1100; us *= 2) {
      const long iterations = std::max(1L, std::lround(us * iterations_per_us_));
      const int tasks =
          std::clamp(static_cast<int>(1e6 * kSecondsOfWork / us), 10 * kWidth, most_tasks_);
      const int whole = tasks / kWidth * kWidth;
      std::vector<double> shares;
      std::vector<double> rates;
      std::vector<double> lengths;  // as the plain loops took it
      for (int round = 0; round < kRounds; ++round) {
        const double peak = timed([&] { work(iterations * whole); });
        const double took = timed([&] { run(whole, iterations); });
        lengths.push_back(1e6 * peak / whole);
        shares.push_back(peak / took);
        rates.push_back(whole * session_.rank_count() / took);
      }
      if (!is_first()) continue;
      std::printf("%s,%.3g,%.4f,%.0f\n", pattern, median(lengths), median(shares), median(rates));
      std::fflush(stdout);
    }
  }

  void independent() {
    measure("independent", [this](int tasks, long iterations) {
      session_
          .run_here([=](TaskContext& context) {
            TaskGroup group(context);
            for (int i = 0; i < tasks; ++i) group.spawn([=](TaskContext&) { work(iterations); });
            group.wait();
          })
          .get();
      session_.wait_all();
    });
  }

  void exchange() {
    measure("exchange", [this](int tasks, long iterations) {
      session_
          .run_here([=, this](TaskContext& context) {
            for (int step = 0; step < tasks / kWidth; ++step) {
              TaskGroup group(context);
              for (int i = 0; i < kWidth; ++i) {
                group.spawn([=](TaskContext&) { work(iterations); });
              }
              group.wait();
              exchange_borders();
            }
          })
          .get();
      session_.wait_all();
    });
  }

  void stencil() {
    most_tasks_ = 20'000;
    measure("stencil", [this](int tasks, long iterations) {
      if (is_first()) play_stencil(tasks / kWidth, iterations);
      session_.wait_all();
    });
  }

 private:
  void exchange_borders() {
    const int rank = session_.rank().value();
    const int left = rank > 0 ? rank - 1 : MPI_PROC_NULL;
    const int right = rank + 1 < session_.rank_count() ? rank + 1 : MPI_PROC_NULL;
    std::array<double, 4> border{};
    MPI_Sendrecv(&border[0], 1, MPI_DOUBLE, left, 0, &border[1], 1, MPI_DOUBLE, right, 0,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Sendrecv(&border[2], 1, MPI_DOUBLE, right, 0, &border[3], 1, MPI_DOUBLE, left, 0,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  }

  void play_stencil(int steps, long iterations) {
    const int width = kWidth * session_.rank_count();
    std::vector<Future<void>> before;
    for (int step = 0; step < steps; ++step) {
      std::vector<Future<void>> row;
      for (int i = 0; i < width; ++i) {
        std::vector<AnyFuture> needed;
        for (int j = std::max(0, i - 1); step > 0 && j <= std::min(width - 1, i + 1); ++j) {
          needed.emplace_back(before[static_cast<std::size_t>(j)]);
        }
        row.push_back(session_.submit_after(needed, {}, work_kind_, iterations));
      }
      before = std::move(row);
    }
    when_all(std::move(before)).get();
  }

  Session session_{MPI_COMM_WORLD, {.worker_count = 1}};
  TaskKind<void(long)> work_kind_ = session_.define("work", work);
  double iterations_per_us_ = 1;
  int most_tasks_ = 400'000;
};

int usage() {
  std::fprintf(stderr, "usage: mpirun -n 2 granularity_bench independent|exchange|stencil\n");
  return 2;
}

int run(int argc, char** argv) {
  const std::string_view pattern = argc == 2 ? argv[1] : "";
  if (pattern != "independent" && pattern != "exchange" && pattern != "stencil") return usage();
  Bench bench;
  if (pattern == "independent") bench.independent();
  if (pattern == "exchange") bench.exchange();
  if (pattern == "stencil") bench.stencil();
  return 0;
}

}  // namespace
}  // namespace weir

// Tasks call MPI here.
int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
  const int code = weir::run(argc, argv);
  MPI_Finalize();
  return code;
}
