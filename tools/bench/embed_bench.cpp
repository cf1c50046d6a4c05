// What weir is worth, and what it costs, in an application that has ranks of its own: uneven work,
// and even work that would not need it. Beside each run the same tasks are done by plain loops, in
// turns, in the same processes. Under mpirun -n 2, with a core for each rank:
//
//   embed_bench imbalance [TASKS] [MS]   all tasks are submitted at rank 0; ideal: half of them
//   each embed_bench matrix                   rank 0 has three times the products of matrices of
//   the others embed_bench balanced [TASKS] [MS]    every rank submits as many; ideal: each does
//   its own

#include <mpi.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/session/session.hpp"

namespace weir {
namespace {

constexpr int kRounds = 9;

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// A task of so many rounds of arithmetic that nobody can leave out.
double spin(long rounds) {
  double x = 1;
  for (long i = 0; i < rounds; ++i) x = x * 0.999999 + 1e-7;
  return x;
}

// Rounds that take so long when every rank computes.
long rounds_of(double seconds) {
  constexpr long kProbe = 20'000'000;
  MPI_Barrier(MPI_COMM_WORLD);
  const double began = now_s();
  volatile double kept = spin(kProbe);
  (void)kept;
  double took = now_s() - began;
  MPI_Allreduce(MPI_IN_PLACE, &took, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return static_cast<long>(kProbe * seconds / took);
}

constexpr int kSize = 100;
using Matrix = std::vector<double>;

// The product of a matrix, made from a number, with itself; its trace.
double multiply(int seed) {
  Matrix a(kSize * kSize);
  for (int i = 0; i < kSize * kSize; ++i) a[static_cast<std::size_t>(i)] = (seed + i) % 7 - 3;
  Matrix product(a.size());
  for (std::size_t row = 0; row < kSize; ++row) {
    for (std::size_t k = 0; k < kSize; ++k) {
      const double factor = a[row * kSize + k];
      for (std::size_t column = 0; column < kSize; ++column) {
        product[row * kSize + column] += factor * a[k * kSize + column];
      }
    }
  }
  double trace = 0;
  for (std::size_t i = 0; i < kSize; ++i) trace += product[i * kSize + i];
  return trace;
}

double processor_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The same on all ranks.
struct Took {
  double seconds = 0;      // until all ranks are done with it
  double processor_s = 0;  // of all ranks, without their waiting for each other at the end
};

Took timed(const std::function<void()>& work) {
  MPI_Barrier(MPI_COMM_WORLD);
  const double processor_before = processor_s();
  const double began = now_s();
  work();
  Took took{now_s() - began, processor_s() - processor_before};
  MPI_Allreduce(MPI_IN_PLACE, &took.seconds, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &took.processor_s, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return took;
}

// One way of doing the same work.
struct Way {
  std::string name;
  std::function<void()> work;
};

// Runs the ways in turns; prints the median of each, and what it takes for what the first one
// takes.
void compare(const std::vector<Way>& ways, bool prints) {
  std::vector<std::vector<Took>> took(ways.size());
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t way = 0; way < ways.size(); ++way) {
      took[way].push_back(timed(ways[way].work));
    }
  }
  if (!prints) return;
  for (std::size_t way = 0; way < ways.size(); ++way) {
    std::vector<double> seconds;
    std::vector<double> ratios;
    std::vector<double> of_processor;
    for (std::size_t round = 0; round < kRounds; ++round) {
      const Took& first = took[0][round];
      const Took& its = took[way][round];
      seconds.push_back(its.seconds);
      ratios.push_back(its.seconds / first.seconds);
      of_processor.push_back(its.processor_s / first.processor_s);
    }
    const auto [least, most] = std::ranges::minmax(ratios);
    std::printf("%-44s %8.1f ms, %.3f times the first (%.3f to %.3f), processor time %.3f\n",
                ways[way].name.c_str(), 1e3 * median(seconds), median(ratios), least, most,
                median(of_processor));
  }
}

struct Bench {
  Session session{MPI_COMM_WORLD, {.worker_count = 1}};
  TaskKind<double(long)> spin_kind = session.define("spin", spin);
  TaskKind<double(int)> multiply_kind = session.define("multiply", multiply);
  bool is_first() const { return session.rank() == RankId(0); }

  // Submits them here and waits for all tasks of all ranks.
  template <typename Kind, typename Argument>
  void submit_all(const SubmitOptions& options, const Kind& kind, int count, Argument argument) {
    std::vector<Future<double>> futures;
    for (int i = 0; i < count; ++i) futures.push_back(session.submit(options, kind, argument));
    for (auto& future : futures) future.get();
    session.wait_all();
  }
};

void spin_here(int count, long rounds) {
  volatile double kept = 0;
  for (int i = 0; i < count; ++i) kept = spin(rounds);
  (void)kept;
}

void imbalance(Bench& bench, int count, double seconds) {
  const long rounds = rounds_of(seconds);
  const int ranks = bench.session.rank_count();
  compare({{"plain loops, divided beforehand", [&] { spin_here(count / ranks, rounds); }},
           {"weir, all submitted at rank 0",
            [&] { bench.submit_all({}, bench.spin_kind, bench.is_first() ? count : 0, rounds); }}},
          bench.is_first());
}

void balanced(Bench& bench, int count, double seconds) {
  const long rounds = rounds_of(seconds);
  compare({{"plain loops", [&] { spin_here(count, rounds); }},
           {"weir, each rank submits its own",
            [&] { bench.submit_all({}, bench.spin_kind, count, rounds); }}},
          bench.is_first());
}

void matrix(Bench& bench) {
  constexpr int kFew = 200;
  const int ranks = bench.session.rank_count();
  const int mine = bench.is_first() ? 3 * kFew : kFew;
  const int share = (kFew * (ranks + 2)) / ranks;
  const auto multiply_here = [](int count) {
    volatile double kept = 0;
    for (int i = 0; i < count; ++i) kept = multiply(i);
    (void)kept;
  };
  compare(
      {{"plain loops, divided beforehand", [&] { multiply_here(share); }},
       {"plain loops, each rank its own", [&] { multiply_here(mine); }},
       {"weir, each task where it was submitted",
        [&] { bench.submit_all({.target = bench.session.rank()}, bench.multiply_kind, mine, 1); }},
       {"weir", [&] { bench.submit_all({}, bench.multiply_kind, mine, 1); }}},
      bench.is_first());
}

int usage() {
  std::fprintf(stderr, "usage: mpirun -n 2 embed_bench imbalance|matrix|balanced [TASKS] [MS]\n");
  return 2;
}

int run(int argc, char** argv) {
  if (argc < 2) return usage();
  const std::string_view what = argv[1];
  const int count = argc > 2 ? std::atoi(argv[2]) : 1000;
  const double seconds = 1e-3 * (argc > 3 ? std::atof(argv[3]) : 1);
  if (count < 1 || !(seconds > 0)) return usage();
  Bench bench;
  bench.session.start();
  if (what == "imbalance") {
    imbalance(bench, count, seconds);
  } else if (what == "balanced") {
    balanced(bench, count, seconds);
  } else if (what == "matrix") {
    matrix(bench);
  } else {
    return usage();
  }
  return 0;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  const int code = weir::run(argc, argv);
  MPI_Finalize();
  return code;
}
