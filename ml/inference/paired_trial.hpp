// Which of two estimators is wrong by less, found out on the same tasks, while they come.
//
// What one loses more than the other is averaged over blocks of time, because tasks that end
// together have seen the same nodes in the same state; blocks are taken as independent. The mean
// over the blocks has a confidence sequence: with the chance that is asked for, all of its
// intervals hold the true mean, however many there are. So one may look after every block and stop
// as soon as zero is outside, which a test with a fixed number of samples would not forgive.
//
// Its intervals are asymptotic: they need some blocks before they mean anything, and to begin with
// the deviation is taken for larger than it looks.
//
// Source: I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy and A. Ramdas, "Time-uniform central
// limit theory and asymptotic confidence sequences", Annals of Statistics 52, 2024, the one-sided
// sequence of its appendix; the idea is H. Robbins's normal mixture, Annals of Mathematical
// Statistics 41, 1970.

#pragma once

#include <cstdint>

#include "runtime/base/time.hpp"

namespace weir {

class PairedTrial {
 public:
  // Longer than most runs of tasks that have met one state of one node.
  static constexpr Duration kBlock = std::chrono::seconds(2);
  static constexpr int kFewestInBlock = 64;  // tasks; else it lasts longer
  static constexpr int kFewestBlocks = 12;

  // `error`: the chance to find the challenger better, at any time, where it is not; and the same
  // to find it worse.
  explicit PairedTrial(double error);

  // Losses on one task. One that is no number counts as lost for good. Times do not go back.
  void add(double in_use, double challenger, Instant now);

  bool challenger_is_better() const { return blocks_ >= kFewestBlocks && mean_ > bound(); }
  bool challenger_is_worse() const {
    return is_broken_ || (blocks_ >= kFewestBlocks && mean_ < -bound());
  }

  int block_count() const { return blocks_; }
  std::uint64_t task_count() const { return tasks_; }
  // Means over all tasks.
  double loss_in_use() const { return in_use_; }
  double loss_of_challenger() const { return challenger_; }

 private:
  double bound() const;
  void end_block();

  double error_;
  bool is_broken_ = false;
  std::uint64_t tasks_ = 0;
  double in_use_ = 0;
  double challenger_ = 0;
  // Of the block that goes on.
  Instant block_ends_ = kNever;
  double block_sum_ = 0;
  int block_tasks_ = 0;
  // Of the blocks that are over: what the one in use lost more.
  int blocks_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of deviations
};

}  // namespace weir
