// weir inside an MPI application: every rank submits tasks, they run wherever there is room, and
// the results come back to the rank that asked. Start it with
//
//   mpirun -n 4 build/release/bin/hello

#include <mpi.h>

#include <cstdio>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/session/session.hpp"

namespace {

// How many primes lie in [first, last): by trial division, so that large numbers take long.
long count_primes(long first, long last) {
  long count = 0;
  for (long n = std::max(first, 2L); n < last; ++n) {
    bool prime = true;
    for (long d = 2; d * d <= n && prime; ++d) prime = n % d != 0;
    count += prime ? 1 : 0;
  }
  return count;
}

int run() {
  weir::Session session(MPI_COMM_WORLD);
  const auto primes = session.define("count_primes", count_primes);
  const auto fail = session.define(
      "fail", [](int code) -> int { throw std::runtime_error("code " + std::to_string(code)); });
  session.start();

  constexpr long kLast = 400'000;
  constexpr long kStep = 10'000;
  std::vector<weir::Future<long>> parts;
  for (long first = session.rank().value() * kStep; first < kLast;
       first += session.rank_count() * kStep) {
    parts.push_back(session.submit(primes, first, first + kStep));
  }
  long mine = 0;
  for (auto& part : parts) mine += part.get();

  if (session.rank().value() == 0) {
    try {
      session.submit(fail, 7).get();
    } catch (const weir::TaskError& error) {
      std::printf("a task failed, as it should: %s\n", error.what());
    }
  }
  session.wait_all();

  long total = 0;
  MPI_Reduce(&mine, &total, 1, MPI_LONG, MPI_SUM, 0, MPI_COMM_WORLD);
  if (session.rank().value() == 0) {
    std::printf("%ld primes below %ld, counted on %d ranks\n", total, kLast, session.rank_count());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  int code = 0;
  try {
    code = run();
  } catch (const weir::Error& error) {
    std::fprintf(stderr, "hello: %s\n", error.report().c_str());
    code = weir::kExitBadInput;
  }
  MPI_Finalize();
  return code;
}
