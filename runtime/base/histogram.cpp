#include "runtime/base/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir {
namespace {

constexpr int kSubBits = 6;  // 64 buckets per power of two: a bucket is 1.6 % wide at most.
constexpr std::uint64_t kSub = std::uint64_t{1} << kSubBits;
constexpr std::size_t kBucketCount = (64 - kSubBits) * kSub;

std::size_t bucket_of(std::uint64_t ns) {
  if (ns < kSub) return ns;
  const int shift = static_cast<int>(std::bit_width(ns)) - kSubBits - 1;
  return (static_cast<std::size_t>(shift) + 1) * kSub + ((ns >> shift) - kSub);
}

std::uint64_t upper_of(std::size_t bucket) {
  if (bucket < kSub) return bucket;
  const std::size_t shift = bucket / kSub - 1;
  return ((kSub + bucket % kSub + 1) << shift) - 1;
}

}  // namespace

DurationHistogram::DurationHistogram() : counts_(kBucketCount) {}

void DurationHistogram::add(Duration d) {
  d = std::max(d, Duration::zero());
  ++counts_[bucket_of(static_cast<std::uint64_t>(d.count()))];
  ++count_;
  sum_ns_ += static_cast<double>(d.count());
  max_ = std::max(max_, d);
}

void DurationHistogram::merge(const DurationHistogram& other) {
  for (std::size_t i = 0; i < kBucketCount; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
  max_ = std::max(max_, other.max_);
}

Duration DurationHistogram::mean() const {
  return count_ == 0 ? Duration::zero()
                     : Duration(std::llround(sum_ns_ / static_cast<double>(count_)));
}

Duration DurationHistogram::quantile(double q) const {
  if (count_ == 0) return Duration::zero();
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBucketCount; ++i) {
    seen += counts_[i];
    if (seen >= wanted) return std::min(Duration(upper_of(i)), max_);
  }
  return max_;
}

std::vector<DurationHistogram::Bucket> DurationHistogram::buckets() const {
  std::vector<Bucket> result;
  for (std::size_t i = 0; i < kBucketCount; ++i) {
    if (counts_[i] > 0) result.push_back({Duration(upper_of(i)), counts_[i]});
  }
  return result;
}

void DurationHistogram::encode(ByteWriter& out) const {
  out.number(sum_ns_);
  out.number(max_.count());
  const auto filled = std::ranges::count_if(counts_, [](auto n) { return n > 0; });
  out.number(static_cast<std::uint32_t>(filled));
  for (std::size_t i = 0; i < kBucketCount; ++i) {
    if (counts_[i] == 0) continue;
    out.number(static_cast<std::uint32_t>(i));
    out.number(counts_[i]);
  }
}

bool DurationHistogram::decode(ByteReader& in) {
  *this = DurationHistogram();
  sum_ns_ = in.number<double>();
  max_ = Duration(in.number<Duration::rep>());
  const auto filled = in.number<std::uint32_t>();
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < filled && in.ok(); ++i) {
    const auto bucket = in.number<std::uint32_t>();
    const auto count = in.number<std::uint64_t>();
    // As encode() writes them: a bucket that comes twice would count twice.
    if (bucket < next || bucket >= kBucketCount || count == 0) return false;
    next = bucket + 1;
    counts_[bucket] = count;
    count_ += count;
  }
  return in.ok();
}

}  // namespace weir
