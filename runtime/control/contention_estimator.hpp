// How many tasks of a class a node should run at once, found from how long they take.
//
// Tasks that share memory bandwidth or a cache slow each other down beyond some number of them, the
// knee. Then one more at work ends nothing sooner, and keeps a core from a class that could use it.
// Sizes vary far more than that, so it takes many tasks to see: the logarithm of each service is
// averaged by how many of the class ran when it started, and a hinge is fitted to the averages,
// flat up to a knee and then a power of the number: log S = a + g (log n - log h)^+. For given h
// that is a line; all h are tried. The limit is where the throughput n / f(n) of the class grows by
// less than half of a lone task's for one more worker: the knee itself, where g >= 1/2.
//
// Logarithms, because sizes have heavy tails. Services are given relative to what other classes of
// the node take at the same time, so that a slow node, which also has more tasks at work, is not
// taken for contention. The limit comes down from above: of all knees that the data still allow the
// highest counts, for below a limit nothing is learned about what is beyond it. What was learned is
// forgotten slowly; without enough left to be sure, the limit goes and is found again.
//
// A class with a queue always runs as many tasks as its limit lets it, and a line needs more than
// one point. So every other block a limited class is held to a part of its limit: at too high a
// limit that costs nothing, and shows it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir {

class ContentionEstimator {
 public:
  // `cores`: above zero.
  explicit ContentionEstimator(std::uint32_t cores);

  // A task that started as one of so many (at least 1), and the logarithm of its service.
  void add(std::uint32_t running_alike, double log_service);
  // The tasks added since the last call ran while others took so many times longer than usual; in
  // logarithms.
  void close_block(double log_pace);

  // Zero: none.
  std::uint32_t limit() const { return limit_; }
  // What to hold the class to for now: the limit, or in every other block a part of it.
  std::uint32_t limit_to_try() const;

 private:
  struct Bin {
    double weight = 0;
    double sum = 0;
    // Of this block, and not in the others yet.
    double block_weight = 0;
    double block_sum = 0;
  };
  struct Hinge {
    std::size_t knee = 0;  // a bin
    double power = 0;
    double gain = 0;  // of log-likelihood, against no contention
  };

  void forget();
  void fit();
  Hinge hinge_at(std::size_t knee, double mean, double variance) const;
  double wanted(const Hinge& hinge) const;

  std::uint32_t cores_;
  std::uint32_t bin_width_;
  std::vector<Bin> bins_;
  std::vector<double> log_count_;  // of the tasks of a bin
  double squares_ = 0;
  double block_squares_ = 0;
  std::uint32_t since_fit_ = 0;
  std::uint32_t limit_ = 0;
  bool tries_less_ = false;
};

}  // namespace weir
