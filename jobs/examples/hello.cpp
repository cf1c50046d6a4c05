// The least that an application does with weir. Start it with mpirun -n 4 build/examples/hello

#include <mpi.h>

#include <cstdio>
#include <vector>

#include <weir/weir.hpp>

// How many primes lie in [first, last): by trial division, so that large numbers take long.
long count_primes(long first, long last) {
  long count = 0;
  for (long n = first < 2 ? 2 : first; n < last; ++n) {
    bool prime = true;
    for (long d = 2; d * d <= n && prime; ++d) prime = n % d != 0;
    if (prime) ++count;
  }
  return count;
}

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  {
    weir::Session session(MPI_COMM_WORLD);
    const auto primes = session.define("count_primes", count_primes);
    session.start();
    if (session.rank().value() == 0) {
      std::vector<weir::Future<long>> parts;  // each runs on whichever rank has room
      for (long first = 0; first < 400'000; first += 10'000) {
        parts.push_back(session.submit(primes, first, first + 10'000));
      }
      long total = 0;
      for (weir::Future<long>& part : parts) total += part.get();
      std::printf("%ld primes below 400000\n", total);
    }
    session.wait_all();  // until then the other ranks work
  }
  MPI_Finalize();
}
