// Adaptive quadrature with futures: the integral of a function with narrow peaks. Each task
// integrates one interval twice, with Simpson's rule on the whole and on its halves; where the two
// differ by too much the interval is cut. How much work lies where is found out while it is done.
//
//   mpirun -n 4 build/examples/quadrature

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <deque>

#include <weir/weir.hpp>

namespace {

constexpr std::array<double, 4> kPeaks{0.1, 0.3141, 0.72, 0.9};
constexpr double kWidth = 1e-4;

// A sum of Lorentz curves.
double f(double x) {
  double sum = 0;
  for (const double peak : kPeaks) sum += kWidth / (kWidth * kWidth + (x - peak) * (x - peak));
  return sum;
}

double exact_integral() {
  double sum = 0;
  for (const double peak : kPeaks) {
    sum += std::atan((1 - peak) / kWidth) + std::atan(peak / kWidth);
  }
  return sum;
}

double simpson(double from, double to) {
  return (to - from) / 6 * (f(from) + 4 * f((from + to) / 2) + f(to));
}

// The integral over [from, to] to within `tolerance`, but no more than `depth` halvings: what is
// finer goes back to whoever asked.
struct Part {
  double integral = 0;
  bool is_rough = false;

  template <typename Archive>
  void serialize(Archive& archive) {
    archive(integral, is_rough);
  }
};

Part integrate(double from, double to, double tolerance, int depth) {
  const double middle = (from + to) / 2;
  const double halves = simpson(from, middle) + simpson(middle, to);
  const double difference = halves - simpson(from, to);
  if (std::abs(difference) < 15 * tolerance) return {halves + difference / 15, false};
  if (depth == 0) return {0, true};
  const Part left = integrate(from, middle, tolerance / 2, depth - 1);
  const Part right = integrate(middle, to, tolerance / 2, depth - 1);
  return {left.integral + right.integral, left.is_rough || right.is_rough};
}

struct Interval {
  double from, to, tolerance;
  weir::Future<Part> part;
};

void run() {
  constexpr int kHalvings = 12;  // in one task, at most
  weir::Session session(MPI_COMM_WORLD);
  const auto kind = session.define("integrate", integrate);
  session.start();
  if (session.rank().value() == 0) {
    std::deque<Interval> open;
    const auto ask = [&](double from, double to, double tolerance) {
      open.push_back({from, to, tolerance, session.submit(kind, from, to, tolerance, kHalvings)});
    };
    constexpr int kFirstParts = 16;
    for (int i = 0; i < kFirstParts; ++i) {
      ask(i / double(kFirstParts), (i + 1) / double(kFirstParts), 1e-10 / kFirstParts);
    }
    double integral = 0;
    int task_count = 0;
    for (; !open.empty(); open.pop_front()) {
      Interval& interval = open.front();
      const Part part = interval.part.get();
      ++task_count;
      if (!part.is_rough) {
        integral += part.integral;
        continue;
      }
      const double middle = (interval.from + interval.to) / 2;
      ask(interval.from, middle, interval.tolerance / 2);
      ask(middle, interval.to, interval.tolerance / 2);
    }
    std::printf("integral %.9f, off by %.1e, in %d tasks\n", integral,
                std::abs(integral - exact_integral()), task_count);
  }
  session.wait_all();
}

}  // namespace

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  run();
  MPI_Finalize();
}
