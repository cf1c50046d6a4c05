// A large table that every task reads: it travels to each rank once, and tasks run where it is.
// Start it with mpirun -n 4 build/examples/lookup

#include <mpi.h>

#include <cstdint>
#include <cstdio>
#include <numeric>
#include <vector>

#include <weir/weir.hpp>

constexpr std::uint32_t kCount = 1'000'000;

// For each number the smallest prime that divides it.
using Table = std::vector<std::uint32_t>;

Table smallest_primes() {
  Table table(kCount + 1);
  std::iota(table.begin(), table.end(), 0U);
  for (std::uint32_t p = 2; p * p <= kCount; ++p) {
    if (table[p] != p) continue;
    for (std::uint32_t n = p * p; n <= kCount; n += p) {
      if (table[n] == n) table[n] = p;
    }
  }
  return table;
}

// The sum over [first, last) of how many smaller numbers have no divisor in common with n (Euler).
std::uint64_t sum_of_totients(weir::Data<Table> data, std::uint32_t first, std::uint32_t last) {
  const auto table = data.get();  // here already, or fetched now: other tasks run meanwhile
  std::uint64_t sum = 0;
  for (std::uint32_t n = first; n < last; ++n) {
    std::uint64_t totient = n;
    for (std::uint32_t left = n; left > 1;) {
      const std::uint32_t prime = (*table)[left];
      totient -= totient / prime;
      while (left % prime == 0) left /= prime;
    }
    sum += totient;
  }
  return sum;
}

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  {
    weir::Session session(MPI_COMM_WORLD);
    const auto totients = session.define("sum_of_totients", sum_of_totients);
    session.start();
    if (session.rank().value() == 0) {
      const weir::Data<Table> table = session.put("smallest primes", smallest_primes());
      std::vector<weir::Future<std::uint64_t>> parts;
      for (std::uint32_t first = 1; first <= kCount; first += 10'000) {
        parts.push_back(session.submit(totients, table, first, first + 10'000));
      }
      std::uint64_t total = 0;
      for (auto& part : parts) total += part.get();
      std::printf("%llu pairs below %u have no divisor in common\n",
                  static_cast<unsigned long long>(total), kCount);
    }
    session.wait_all();
  }
  MPI_Finalize();
}
