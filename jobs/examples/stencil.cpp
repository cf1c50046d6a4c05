// An application with ranks, a communicator and messages of its own, which gives one part to weir:
// heat in a rod. Each rank keeps a part of the rod and exchanges borders with its neighbours, as
// ever. In a few cells something reacts, which takes a thousand times as long as the rest; most of
// these cells are on one rank. Each iteration their reactions are tasks, so that all ranks take
// part.
//
//   mpirun -n 4 build/examples/stencil

#include <mpi.h>

#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include <weir/weir.hpp>

namespace {

constexpr int kCells = 1000;  // of each rank
constexpr int kIterations = 20;

// What reacts in one cell: a stiff equation, in many small steps.
double react(double heat) {
  for (int step = 0; step < 100'000; ++step) heat += 1e-6 * (1 - heat) * (1 + heat * heat);
  return heat;
}

// How many cells of a rank react: rank 0 has 32, the others 4 each.
int reacting_cells(int rank) { return rank == 0 ? 32 : 4; }

// The cells of one rank, and a border cell on both sides.
class Rod {
 public:
  explicit Rod(MPI_Comm ranks) : ranks_(ranks), heat_(kCells + 2, 0.1) {
    MPI_Comm_rank(ranks_, &rank_);
    MPI_Comm_size(ranks_, &rank_count_);
  }

  void exchange_borders() {
    const int left = rank_ > 0 ? rank_ - 1 : MPI_PROC_NULL;
    const int right = rank_ + 1 < rank_count_ ? rank_ + 1 : MPI_PROC_NULL;
    MPI_Sendrecv(&heat_[1], 1, MPI_DOUBLE, left, 0, &heat_[kCells + 1], 1, MPI_DOUBLE, right, 0,
                 ranks_, MPI_STATUS_IGNORE);
    MPI_Sendrecv(&heat_[kCells], 1, MPI_DOUBLE, right, 0, &heat_[0], 1, MPI_DOUBLE, left, 0, ranks_,
                 MPI_STATUS_IGNORE);
  }

  void conduct() {
    std::vector<double> next = heat_;
    for (std::size_t i = 1; i <= kCells; ++i) {
      next[i] = heat_[i] + 0.25 * (heat_[i - 1] - 2 * heat_[i] + heat_[i + 1]);
    }
    heat_ = std::move(next);
  }

  // The n-th cell that reacts.
  double& reacting(int n) { return heat_[static_cast<std::size_t>(1 + 7 * n)]; }

  double sum_of_all_ranks() const {
    double mine = 0;
    for (std::size_t i = 1; i <= kCells; ++i) mine += heat_[i];
    double sum = 0;
    MPI_Allreduce(&mine, &sum, 1, MPI_DOUBLE, MPI_SUM, ranks_);
    return sum;
  }

  int rank() const { return rank_; }
  int rank_count() const { return rank_count_; }

 private:
  MPI_Comm ranks_;
  int rank_ = 0;
  int rank_count_ = 1;
  std::vector<double> heat_;
};

void run(MPI_Comm ranks) {
  Rod rod(ranks);
  weir::Session session(ranks);
  const auto reaction = session.define("react", react);
  session.start();

  const double began = MPI_Wtime();
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    rod.exchange_borders();
    rod.conduct();
    std::vector<weir::Future<double>> reactions;
    for (int n = 0; n < reacting_cells(rod.rank()); ++n) {
      reactions.push_back(session.submit(reaction, rod.reacting(n)));
    }
    for (int n = 0; n < reacting_cells(rod.rank()); ++n) {
      rod.reacting(n) = reactions[static_cast<std::size_t>(n)].get();
    }
    session.wait_all();  // a rank whose own are done works for the others
  }
  const double took = MPI_Wtime() - began;

  const double sum = rod.sum_of_all_ranks();
  if (rod.rank() == 0) {
    std::printf("heat %.9f after %d iterations on %d ranks, %.1f ms each\n", sum, kIterations,
                rod.rank_count(), 1e3 * took / kIterations);
  }
}

}  // namespace

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm own;  // an application that keeps to a communicator of its own
  MPI_Comm_dup(MPI_COMM_WORLD, &own);
  run(own);
  MPI_Comm_free(&own);
  MPI_Finalize();
}
