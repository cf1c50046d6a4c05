// How many tasks of a class a node should run at once in one memory domain, found from how long
// they take.
//
// Tasks that share memory bandwidth or a cache slow each other down beyond some number of them, the
// knee. Then one more at work ends nothing sooner, and keeps a core from a class that could use it.
// Sizes vary far more than that, so it takes many tasks to see: the logarithm of each service is
// averaged by how many of the class ran when it started, and a hinge is fitted to the averages,
// flat up to a knee and then a power of the number: log S = a + g (log n - log h)^+. For given h
// that is a line; knees at every twentieth of the workers are tried. The limit is where the
// throughput n / f(n) of the class grows by less than half of a lone task's for one more worker:
// the knee itself, where g >= 1/2.
//
// Logarithms, because sizes have heavy tails. Services are given relative to what other classes of
// the node take at the same time, so that a slow node, which also has more tasks at work, is not
// taken for contention. The limit comes down from above: of all knees that the data still allow the
// highest counts, for below a limit nothing is learned about what is beyond it. What was learned is
// forgotten slowly; without enough left to be sure, the limit goes and is found again.
//
// One node alone takes half a minute to be sure. So nodes tell each other: a regression with a
// constant of each node's own and a common slope needs of each no more than a few sums
// (ContentionSums), which are added up over the job (contention_pool). What others know counts as
// much as some tasks of this node would, and no more: a node that is unlike them finds that out.
//
// On a full node a class with a queue runs as many tasks as its limit lets it, and a line needs
// more than one point. So now and then a limited class is held to a part of its limit for a block:
// at too high a limit that costs nothing, and shows it. And every eighth block it may run a few
// more, so that a limit that others found, and that is too low here, does not stay.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/protocol/contention_sums.hpp"

namespace weir {

class ContentionEstimator {
 public:
  // `cores`: of the largest memory domain; above zero.
  explicit ContentionEstimator(std::uint32_t cores);

  // A task that started as one of so many (at least 1), and the logarithm of its service.
  void add(std::uint32_t running_alike, double log_service);
  // The tasks added since the last call ran while others took so many times longer than usual; in
  // logarithms.
  void close_block(double log_pace);

  // What this node has found, and what others have.
  const ContentionSums& own() const { return own_; }
  void borrow(const ContentionSums& others);

  // Zero: none.
  std::uint32_t limit() const { return limit_; }
  // What to hold the class to for now: the limit, a part of it, or a little more.
  std::uint32_t limit_to_try() const;

 private:
  struct Bin {
    double weight = 0;
    double sum = 0;
    // Of this block, and not in the others yet.
    double block_weight = 0;
    double block_sum = 0;
  };

  void forget();
  void sum_up();
  void fit();
  double log_knee(std::size_t knee) const;
  double wanted(std::size_t knee, double power) const;

  std::uint32_t cores_;
  std::uint32_t bin_width_;
  std::vector<Bin> bins_;
  std::vector<double> log_count_;  // of the tasks of a bin
  double squares_ = 0;
  double block_squares_ = 0;
  std::uint32_t since_last_block_ = 0;
  ContentionSums own_{};
  ContentionSums others_{};
  std::uint32_t limit_ = 0;
  std::uint32_t block_number_ = 0;
};

}  // namespace weir
