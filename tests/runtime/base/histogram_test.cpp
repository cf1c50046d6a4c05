#include "runtime/base/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(DurationHistogram, GivesQuantilesWithinTwoPercentOfTheSortedValues) {
  Random random(1);
  DurationHistogram histogram;
  std::vector<double> values;
  for (int i = 0; i < 20000; ++i) {
    const Duration d = from_seconds(random.exponential(0.1));
    histogram.add(d);
    values.push_back(to_seconds(d));
  }
  std::ranges::sort(values);
  for (const double q : {0.01, 0.5, 0.95, 0.99, 0.999}) {
    const double exact = values[static_cast<std::size_t>(q * 20000) - 1];
    EXPECT_NEAR(to_seconds(histogram.quantile(q)), exact, 0.02 * exact) << q;
  }
  EXPECT_EQ(to_seconds(histogram.max()), values.back());
}

TEST(DurationHistogram, KeepsTheMeanExactly) {
  DurationHistogram histogram;
  histogram.add(1ms);
  histogram.add(2ms);
  EXPECT_EQ(histogram.mean(), 1500us);
}

TEST(DurationHistogram, CountsNegativeDurationsAsZero) {
  DurationHistogram histogram;
  histogram.add(-5ms);
  EXPECT_EQ(histogram.quantile(1), 0ns);
  EXPECT_EQ(histogram.mean(), 0ns);
}

TEST(DurationHistogram, MergesLikeOneHistogramOfAllValues) {
  DurationHistogram left, right, both;
  for (int i = 1; i <= 100; ++i) {
    (i % 2 ? left : right).add(i * 1ms);
    both.add(i * 1ms);
  }
  left.merge(right);
  EXPECT_EQ(left.quantile(0.5), both.quantile(0.5));
  EXPECT_EQ(left.mean(), both.mean());
  EXPECT_EQ(left.count(), 100u);
}

TEST(DurationHistogram, SurvivesTheWireAndRefusesNonsense) {
  DurationHistogram histogram;
  histogram.add(3ms);
  histogram.add(10s);
  Bytes buffer;
  ByteWriter out(buffer);
  histogram.encode(out);
  ByteReader in(buffer);
  DurationHistogram copy;
  ASSERT_TRUE(copy.decode(in));
  EXPECT_EQ(copy.count(), 2u);
  EXPECT_EQ(copy.quantile(1), 10s);
  const std::span<const std::byte> bytes(buffer);
  ByteReader torn(bytes.first(bytes.size() - 3));
  EXPECT_FALSE(copy.decode(torn));
}

// Found by tests/fuzz/program/position: counts added up to more than there were.
TEST(DurationHistogram, RefusesABucketThatComesTwiceOrEmpty) {
  const auto bytes_with = [](std::vector<std::pair<std::uint32_t, std::uint64_t>> buckets) {
    Bytes buffer;
    ByteWriter out(buffer);
    out.number(1.0);
    out.number(std::int64_t{1});
    out.number(static_cast<std::uint32_t>(buckets.size()));
    for (const auto& [bucket, count] : buckets) {
      out.number(bucket);
      out.number(count);
    }
    return buffer;
  };
  const auto is_taken = [](const Bytes& buffer) {
    ByteReader in(buffer);
    return DurationHistogram().decode(in);
  };
  EXPECT_TRUE(is_taken(bytes_with({{3, 1}, {4, 2}})));
  EXPECT_FALSE(is_taken(bytes_with({{3, 1}, {3, 2}})));
  EXPECT_FALSE(is_taken(bytes_with({{4, 1}, {3, 2}})));
  EXPECT_FALSE(is_taken(bytes_with({{3, 1}, {4, 0}})));
}

TEST(DurationHistogram, IsAllZeroWhenEmpty) {
  const DurationHistogram histogram;
  EXPECT_EQ(histogram.quantile(0.99), 0ns);
  EXPECT_EQ(histogram.mean(), 0ns);
}

}  // namespace
}  // namespace weir
