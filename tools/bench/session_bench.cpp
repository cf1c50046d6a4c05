// What tasks cost between ranks, beside plain Open MPI in the same run. Prints one line per figure.
// Under mpirun, see README.md:
//
//   session_bench rate        2 ranks: no-op tasks per second from rank 0 to rank 1, batched
//   session_bench round_trip  2 ranks: submit to result of one no-op task, polling and from idle,
//                             and what the machine takes to wake a thread
//   session_bench busy        4 or 8 ranks, all workers busy: round trip of an immediate task
//   session_bench payload     2 ranks: 70 KB and 8 MB there and an empty result back, against MPI
//   session_bench idle        processor time of idle ranks, and their resident size

#include <mpi.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "runtime/session/session.hpp"

namespace weir {
namespace {

using SteadyTime = std::chrono::steady_clock;

double us_since(SteadyTime::time_point began) {
  return std::chrono::duration<double, std::micro>(SteadyTime::now() - began).count();
}

double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}
double median(const std::vector<double>& values) { return quantile(values, 0.5); }

// A session with the kinds every figure needs.
struct Bench {
  explicit Bench(SessionOptions options = {.worker_count = 1})
      : session(MPI_COMM_WORLD, options),
        nothing(session.define_raw("nothing", [](TaskContext&, const Payload&, Bytes&) {})),
        typed(session.define("typed", [](long, long) {})),
        immediate(session.define_raw("immediate", [](TaskContext&, const Payload&, Bytes&) {},
                                     {.immediate = true})),
        spin(session.define_raw("spin", [](TaskContext&, const Payload& payload, Bytes&) {
          double seconds = 0;
          std::memcpy(&seconds, payload.bytes().data(), sizeof seconds);
          const auto began = SteadyTime::now();
          while (us_since(began) < 1e6 * seconds) {
          }
        })) {
    session.start();
  }
  bool first() const { return session.rank() == RankId(0); }

  Session session;
  TaskKind<Bytes(Payload)> nothing;
  TaskKind<void(long, long)> typed;
  TaskKind<Bytes(Payload)> immediate;
  TaskKind<Bytes(Payload)> spin;
};

// Tasks per second, each submitted by `submit(rank 1)` on rank 0.
template <typename Submit>
void print_rate(Bench& bench, const char* what, int tasks, const Submit& submit) {
  constexpr int kRepetitions = 5;
  std::vector<double> rates;
  for (int i = 0; i < kRepetitions; ++i) {
    const auto began = SteadyTime::now();
    if (bench.first()) {
      for (int task = 0; task < tasks; ++task) submit(SubmitOptions{.target = RankId(1)});
    }
    bench.session.wait_all();
    rates.push_back(tasks / us_since(began));
  }
  if (bench.first()) {
    std::printf(
        "rate: %.2f M no-op tasks/s%s, rank 0 to rank 1 and completed (median of %d x %d)\n",
        median(rates), what, kRepetitions, tasks);
  }
}

void bench_rate() {
  Bench bench;
  Session& session = bench.session;
  const Payload sixteen{Bytes(16)};
  print_rate(bench, "", 1'000'000, [&](const SubmitOptions& there) {
    session.submit_detached(there, bench.nothing.id, {});
  });
  print_rate(bench, " with 16 bytes", 1'000'000, [&](const SubmitOptions& there) {
    session.submit_detached(there, bench.nothing.id, sixteen);
  });
  print_rate(bench, " with two arguments of 8 bytes and a future", 300'000,
             [&](const SubmitOptions& there) { session.submit(there, bench.typed, 1L, 2L); });
}

std::vector<double> round_trips(Bench& bench, const TaskKind<Bytes(Payload)>& kind, int count,
                                Duration pause, RankId target) {
  std::vector<double> us;
  for (int i = 0; i < count; ++i) {
    if (pause > Duration::zero()) {
      // Idle means idle: weir waits meanwhile, as it does in any rank that has nothing to do.
      std::this_thread::sleep_for(pause);
    }
    const auto began = SteadyTime::now();
    bench.session.submit_raw({.target = target}, kind, {}).get();
    us.push_back(us_since(began));
  }
  return us;
}

void print_round_trip(const char* what, const std::vector<double>& us) {
  std::printf("round trip, %s: median %.1f us, p90 %.1f us, p99 %.1f us (%zu times)\n", what,
              median(us), quantile(us, 0.9), quantile(us, 0.99), us.size());
}

void pin_this_thread(int processor) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  sched_setaffinity(0, sizeof one, &one);  // Refused, it may run anywhere: the figure is lower.
}

// The floor of a round trip from idle: what passes until a thread that has slept on another
// processor runs.
std::vector<double> wakes_across_processors(int count, Duration pause) {
  std::binary_semaphore called(0);
  std::binary_semaphore answered(0);
  SteadyTime::time_point began;
  std::vector<double> us;
  std::thread sleeper([&] {
    pin_this_thread(1);
    for (int i = 0; i < count; ++i) {
      called.acquire();
      us.push_back(us_since(began));
      answered.release();
    }
  });
  std::thread([&] {
    pin_this_thread(0);
    for (int i = 0; i < count; ++i) {
      std::this_thread::sleep_for(pause);
      began = SteadyTime::now();
      called.release();
      answered.acquire();
    }
  }).join();
  sleeper.join();
  return us;
}

void bench_round_trip() {
  constexpr Duration kIdle = std::chrono::milliseconds(20);
  Bench bench;
  if (bench.first()) {
    round_trips(bench, bench.nothing, 2000, {}, RankId(1));  // Warm-up.
    print_round_trip("both ranks polling", round_trips(bench, bench.nothing, 20000, {}, RankId(1)));
    print_round_trip("both ranks polling, immediate task",
                     round_trips(bench, bench.immediate, 20000, {}, RankId(1)));
    print_round_trip("from idle", round_trips(bench, bench.nothing, 300, kIdle, RankId(1)));
    print_round_trip("from idle, immediate task",
                     round_trips(bench, bench.immediate, 300, kIdle, RankId(1)));
    const auto us = wakes_across_processors(300, kIdle);
    std::printf(
        "one wake of a thread on another processor, from idle: median %.1f us, p90 %.1f us\n",
        median(us), quantile(us, 0.9));
  }
  bench.session.wait_all();
}

// Every worker of every rank computes while rank 0 asks the others.
void bench_busy() {
  Bench bench;
  constexpr double kBusySeconds = 6;
  if (bench.first()) {
    Bytes seconds;
    ByteWriter(seconds).number(kBusySeconds);
    for (int rank = 0; rank < bench.session.rank_count(); ++rank) {
      for (int i = 0; i < bench.session.worker_count(); ++i) {
        bench.session.submit_detached({.target = RankId(rank)}, bench.spin.id, Payload(seconds));
      }
    }
    const auto began = SteadyTime::now();
    while (us_since(began) < 500e3) bench.session.progress();
    std::vector<double> us;
    for (int i = 0; i < 1000; ++i) {
      const RankId target(1 + i % (bench.session.rank_count() - 1));
      const auto one = round_trips(bench, bench.immediate, 1, std::chrono::milliseconds(2), target);
      us.push_back(one.front());
    }
    print_round_trip(("all workers of " + std::to_string(bench.session.rank_count()) +
                      " ranks busy, immediate task")
                         .c_str(),
                     us);
  }
  bench.session.wait_all();
}

// Plain MPI: the payload there, an empty answer back, after the same pause.
double raw_round_trip_us(MPI_Comm comm, std::vector<std::byte>& buffer, Duration pause) {
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  const int size = static_cast<int>(buffer.size());
  if (rank == 1) {
    MPI_Recv(buffer.data(), size, MPI_BYTE, 0, 1, comm, MPI_STATUS_IGNORE);
    MPI_Send(nullptr, 0, MPI_BYTE, 0, 2, comm);
    return 0;
  }
  std::this_thread::sleep_for(pause);
  const auto began = SteadyTime::now();
  MPI_Send(buffer.data(), size, MPI_BYTE, 1, 1, comm);
  MPI_Recv(nullptr, 0, MPI_BYTE, 1, 2, comm, MPI_STATUS_IGNORE);
  return us_since(began);
}

void bench_payload() {
  MPI_Comm comm = MPI_COMM_NULL;
  MPI_Comm_dup(MPI_COMM_WORLD, &comm);
  Bench bench;
  for (const std::size_t size : {std::size_t{70'000}, std::size_t{8'000'000}}) {
    constexpr Duration kPause = std::chrono::milliseconds(10);
    constexpr int kWarmUps = 5;
    constexpr int kRounds = 60;
    std::vector<std::byte> buffer(size);
    std::vector<double> raw;
    std::vector<double> ours;
    for (int i = 0; i < kWarmUps + kRounds; ++i) {
      const double raw_us = raw_round_trip_us(comm, buffer, kPause);
      double our_us = 0;
      if (bench.first()) {
        const Payload payload{Bytes(size)};
        std::this_thread::sleep_for(kPause);
        const auto began = SteadyTime::now();
        bench.session.submit_raw({.target = RankId(1)}, bench.nothing, payload).get();
        our_us = us_since(began);
      }
      bench.session.wait_all();
      if (i < kWarmUps) continue;
      raw.push_back(raw_us);
      ours.push_back(our_us);
    }
    if (bench.first()) {
      std::printf(
          "payload %zu bytes from idle: plain MPI %.1f us, task %.1f us, ratio %.2f (medians of "
          "%d, in turn)\n",
          size, median(raw), median(ours), median(ours) / median(raw), kRounds);
    }
  }
  MPI_Comm_free(&comm);
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

void bench_idle() {
  Bench bench;
  constexpr double kSeconds = 10;
  bench.session.wait_all();
  const double before = processor_seconds();
  const auto began = SteadyTime::now();
  while (us_since(began) < 1e6 * kSeconds)
    bench.session.progress_for(std::chrono::milliseconds(500));
  double own[2] = {(processor_seconds() - before) / kSeconds, resident_mb()};
  std::vector<double> all(2 * static_cast<std::size_t>(bench.session.rank_count()));
  MPI_Gather(own, 2, MPI_DOUBLE, all.data(), 2, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  if (bench.first()) {
    std::vector<double> cores;
    std::vector<double> megabytes;
    for (std::size_t i = 0; i < all.size(); i += 2) {
      cores.push_back(all[i]);
      megabytes.push_back(all[i + 1]);
    }
    std::printf(
        "idle: %zu ranks, %.2f %% of a core each (median; most %.2f %%), resident %.1f MB "
        "(most %.1f MB)\n",
        cores.size(), 100 * median(cores), 100 * quantile(cores, 1), median(megabytes),
        quantile(megabytes, 1));
  }
}

int run(const std::string& what) {
  if (what == "rate") {
    bench_rate();
  } else if (what == "round_trip") {
    bench_round_trip();
  } else if (what == "busy") {
    bench_busy();
  } else if (what == "payload") {
    bench_payload();
  } else if (what == "idle") {
    bench_idle();
  } else {
    throw Error("there is no such benchmark", what, "rate, round_trip, busy, payload or idle",
                "session_bench rate");
  }
  return 0;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  weir::keep_freed_memory();
  int code = 0;
  try {
    code = weir::run(argc > 1 ? argv[1] : "");
  } catch (const weir::Error& error) {
    std::fprintf(stderr, "session_bench: %s\n", error.report().c_str());
    code = weir::kExitBadInput;
  }
  MPI_Finalize();
  return code;
}
