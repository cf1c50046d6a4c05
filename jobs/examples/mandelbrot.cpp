// The Mandelbrot set, one task for each row. Rows through the set take more than a hundred times as
// long as those beside it, so that equal shares of rows would be unequal shares of work.
//
//   mpirun -n 4 build/examples/mandelbrot [PICTURE.pgm]

#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <complex>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <vector>

#include <weir/weir.hpp>

namespace {

constexpr int kWidth = 600;
constexpr int kHeight = 400;
constexpr int kMostSteps = 2000;

// Steps until the point escapes, for each point of a row.
std::vector<std::uint16_t> row_of_steps(int row) {
  std::vector<std::uint16_t> steps(kWidth);
  for (int column = 0; column < kWidth; ++column) {
    const std::complex<double> c(-2.2 + 3.2 * column / kWidth, -1.6 + 3.2 * row / kHeight);
    std::complex<double> z = 0;
    int step = 0;
    while (step < kMostSteps && std::norm(z) < 4) {
      z = z * z + c;
      ++step;
    }
    steps[static_cast<std::size_t>(column)] = static_cast<std::uint16_t>(step);
  }
  return steps;
}

void write_picture(const char* path, const std::vector<std::vector<std::uint16_t>>& rows) {
  std::ofstream file(path, std::ios::binary);
  file << "P5 " << kWidth << ' ' << kHeight << " 255\n";
  for (const auto& row : rows) {
    for (const std::uint16_t steps : row) {
      file.put(steps == kMostSteps ? 0 : static_cast<char>(255 - std::min<int>(steps * 4, 255)));
    }
  }
}

void run(const char* picture) {
  weir::Session session(MPI_COMM_WORLD);
  const auto row_kind = session.define("row", row_of_steps);
  session.start();
  if (session.rank().value() == 0) {
    const auto began = std::chrono::steady_clock::now();
    std::vector<weir::Future<std::vector<std::uint16_t>>> futures;
    for (int row = 0; row < kHeight; ++row) futures.push_back(session.submit(row_kind, row));
    std::vector<std::vector<std::uint16_t>> rows;
    for (auto& future : futures) rows.push_back(future.get());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;

    long long sum = 0;
    long long least = kWidth * static_cast<long long>(kMostSteps);
    long long most = 0;
    for (const auto& row : rows) {
      const long long steps = std::accumulate(row.begin(), row.end(), 0LL);
      sum += steps;
      least = std::min(least, steps);
      most = std::max(most, steps);
    }
    std::printf("%lld steps in %d rows of %lld to %lld, on %d ranks in %.2f s\n", sum, kHeight,
                least, most, session.rank_count(), took.count());
    if (picture != nullptr) write_picture(picture, rows);
  }
  session.wait_all();
}

}  // namespace

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  run(argc > 1 ? argv[1] : nullptr);
  MPI_Finalize();
}
