// What a home has seen itself of a node's speed of late: how long its own tasks took there over
// what the node had told. Fresher than any report, of the few tasks that are its own.

#pragma once

#include "runtime/base/time.hpp"

namespace weir {

class OwnCompletions {
 public:
  // Means over this long a time.
  static constexpr Duration kShort = std::chrono::milliseconds(500);
  static constexpr Duration kLong = std::chrono::seconds(2);

  // A task has ended that took `ratio` times as long as the node had told to expect. Times do not
  // go back.
  void add(double ratio, Instant now);

  struct Memory {
    double count = 0;  // tasks that are remembered
    double mean = 1;   // of their ratios, with one or two added that went as told
  };
  Memory of_late(Instant now) const { return memory(short_, kShort, 1, now); }
  Memory of_a_while(Instant now) const { return memory(long_, kLong, 2, now); }
  // Since the last of them; kNeverSeen when there was none.
  static constexpr double kNeverSeen = 1e9;
  double age_s(Instant now) const { return any_ ? to_seconds(now - last_) : kNeverSeen; }

 private:
  struct Sums {
    double ratios = 0;
    double count = 0;
  };

  double kept(Duration memory, Instant now) const;
  Memory memory(const Sums& sums, Duration length, double as_told, Instant now) const;

  Sums short_;
  Sums long_;
  Instant last_{};
  bool any_ = false;
};

}  // namespace weir
