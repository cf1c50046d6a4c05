// A histogram of durations with about 1 % resolution, from 1 ns to an hour and beyond: log-linear
// buckets as in HdrHistogram (64 per power of two). Recording costs a few nanoseconds and never
// allocates; merging adds counts, so that quantiles of many ranks are exact to the same 1 %.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/time.hpp"

namespace weir {

class DurationHistogram {
 public:
  DurationHistogram();

  // Negative durations count as zero.
  void add(Duration d);
  void merge(const DurationHistogram& other);

  std::uint64_t count() const { return count_; }
  // Exact up to rounding; zero when empty.
  Duration mean() const;
  Duration max() const { return max_; }
  // The smallest bucket bound that at least a share `q` in [0, 1] of the values do not exceed; zero
  // when empty.
  Duration quantile(double q) const;

  // The buckets that are not empty, as (upper bound, count), ascending.
  struct Bucket {
    Duration upper;
    std::uint64_t count;
  };
  std::vector<Bucket> buckets() const;

  void encode(ByteWriter& out) const;
  // False when the bytes are not a histogram; then *this is unspecified.
  bool decode(ByteReader& in);

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  double sum_ns_ = 0;
  Duration max_{0};
};

}  // namespace weir
