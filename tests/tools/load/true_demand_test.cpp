#include "tools/load/true_demand.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/streams.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Tasks of class 2, so many in each second.
class Steps final : public Stream {
 public:
  explicit Steps(std::vector<int> counts) : counts_(std::move(counts)) {}
  std::string_view name() const override { return "steps"; }
  std::string_view kernel() const override { return "social"; }
  double mean_rate_per_s() const override { return 0; }
  bool next(Arrival& arrival) override {
    while (second_ < counts_.size() && task_ == counts_[second_]) {
      ++second_;
      task_ = 0;
    }
    if (second_ == counts_.size()) return false;
    const double part = (task_++ + 0.5) / counts_[second_];
    arrival.at = from_seconds(static_cast<double>(second_) + part);
    return true;
  }
  void append_payload(Bytes&) override {}

 private:
  std::vector<int> counts_;
  std::size_t second_ = 0;
  int task_ = 0;
};

TrueArrivals arrivals_of(std::vector<int> counts) {
  std::vector<NumberedStream> streams;
  streams.push_back(
      {std::make_unique<Steps>(std::move(counts)), StreamId(0), ClassId(2), KindId(0)});
  return TrueArrivals(std::move(streams));
}

TEST(TrueArrivals, CountTheTasksOfAClassBetweenTwoInstants) {
  const TrueArrivals all = arrivals_of({100, 200, 0, 50});
  EXPECT_NEAR(all.between(ClassId(2), SimTime(0s), SimTime(1s)), 100, 1e-9);
  EXPECT_NEAR(all.between(ClassId(2), SimTime(500ms), SimTime(1500ms)), 150, 1e-9);
  EXPECT_NEAR(all.between(ClassId(2), SimTime(2s), SimTime(1min)), 50, 1e-9);
  EXPECT_NEAR(all.between(ClassId(2), SimTime(-1s), SimTime(50ms)), 5, 1e-9);
  EXPECT_EQ(all.between(ClassId(0), SimTime(0s), SimTime(4s)), 0);
}

TEST(TrueDemand, TellsTheNextSecondOfAPartOfTheTree) {
  const TrueArrivals all = arrivals_of({100, 100, 100, 400});
  SimTime now{};
  TrueDemand demand(all, now);
  EXPECT_TRUE(std::isnan(demand.forecast(ClassId(2), 1).median));
  // A quarter of all comes here.
  for (now = SimTime(1s); now <= SimTime(3s); now += 1s) {
    demand.on_bin(std::vector<ArrivalBin>{{0}, {0}, {25}});
  }
  EXPECT_NEAR(demand.forecast(ClassId(2), 1).median, 100, 1e-6);
  EXPECT_NEAR(demand.forecast(ClassId(2), 0.5).median, 62.5, 1e-6);
  EXPECT_TRUE(std::isnan(demand.forecast(ClassId(1), 1).median));
}

}  // namespace
}  // namespace weir
