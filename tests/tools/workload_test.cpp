#include "tools/workload.hpp"

#include <gtest/gtest.h>

#include "jobs/kernels/kernel.hpp"
#include "runtime/base/error.hpp"
#include "tests/support/streams.hpp"
#include "tests/support/trace_files.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

RunOptions streams_at(double rate_per_s, Strings streams) {
  RunOptions options;
  options.streams = std::move(streams);
  options.rate_per_s = rate_per_s;
  options.duration = 20s;
  return options;
}

double counted_rate(NumberedStream& stream, Duration duration) {
  return static_cast<double>(drain(*stream.stream).size()) / to_seconds(duration);
}

TEST(Workload, SharesTheRateEvenlyAmongItsStreams) {
  Workload work = make_workload(streams_at(600, {"finance", "iot", "social"}), 0);
  EXPECT_EQ(work.names, (Strings{"finance", "iot", "social"}));
  EXPECT_NEAR(work.rate_per_s, 600, 60);
  for (NumberedStream& stream : work.streams) {
    EXPECT_NEAR(stream.stream->mean_rate_per_s(), 200, 20) << stream.stream->name();
  }
  EXPECT_NEAR(counted_rate(work.streams[1], 20s), 200, 20);
}

TEST(Workload, NumbersStreamsInOrderAndGivesThemTheirKernel) {
  const Workload work = make_workload(streams_at(100, {"social", "finance"}), 0);
  const Strings classes = kernel_class_names();
  ASSERT_EQ(work.streams.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const NumberedStream& stream = work.streams[i];
    EXPECT_EQ(stream.id.value(), i);
    EXPECT_EQ(classes[stream.task_class.value()], stream.stream->kernel());
    EXPECT_EQ(stream.kind.value(), stream.task_class.value());
  }
}

TEST(Workload, NamesAStreamGivenTwiceApartAndMakesItOtherwise) {
  Workload work = make_workload(streams_at(100, {"finance", "finance", "finance"}), 0);
  EXPECT_EQ(work.names, (Strings{"finance", "finance#2", "finance#3"}));
  const auto first = drain(*work.streams[0].stream);
  const auto second = drain(*work.streams[1].stream);
  EXPECT_FALSE(std::ranges::equal(first, second, equal));
}

TEST(Workload, SetsTheRateToTheLoadTimesTheCapacity) {
  RunOptions options = streams_at(5, {"finance", "iot"});
  options.load = 0.5;
  EXPECT_NEAR(make_workload(options, 2000).rate_per_s, 1000, 100);
}

TEST(Workload, SetsTheTimeScaleOfATraceToTheLoadTimesTheCapacity) {
  const TraceFolder folder;
  std::string csv = "count\n";
  for (int i = 0; i < 60; ++i) csv += "10\n";
  RunOptions options;
  options.traces = {folder.write("posts_persec.csv", csv)};
  EXPECT_NEAR(make_workload(options, 0).rate_per_s, 10, 0.5);
  options.load = 0.5;
  Workload work = make_workload(options, 200);
  EXPECT_NEAR(work.rate_per_s, 100, 5);
  const auto arrivals = drain(*work.streams[0].stream);
  ASSERT_EQ(arrivals.size(), 600u);
  EXPECT_NEAR(to_seconds(arrivals.back().at), 6, 0.2);
}

TEST(Workload, RefusesALoadForStreamsAndTracesTogether) {
  const TraceFolder folder;
  RunOptions options = streams_at(5, {"finance"});
  options.traces = {folder.write("posts_persec.csv", "count\n5\n")};
  options.load = 0.5;
  EXPECT_THROW(make_workload(options, 100), Error);
}

TEST(Workload, RefusesWhatCannotBeOpened) {
  EXPECT_THROW(make_workload(streams_at(5, {"weather"}), 0), Error);
  RunOptions options;
  options.traces = {"/nowhere/trace.csv"};
  EXPECT_THROW(make_workload(options, 0), Error);
}

TEST(Workload, KindsRunTheKernelsInTheOrderOfTheirNames) {
  EXPECT_EQ(kernel_class_names(), (Strings{"finance", "iot", "social"}));
  const KindTable kinds = kernel_kinds();
  EXPECT_EQ(kinds.fingerprint(), kernel_kinds().fingerprint());
  for (const std::string& name : kernel_class_names()) {
    EXPECT_NE(kinds.fingerprint().find(name), std::string::npos) << name;
  }
}

TEST(Workload, MeasuresATimePerTaskThatGrowsWithTheWork) {
  RunOptions options = streams_at(100, {"iot"});
  const double normal_s = measured_mean_service_s(options);
  EXPECT_GT(normal_s, 0);
  options.work_scale = 50;
  EXPECT_GT(measured_mean_service_s(options), normal_s);
}

}  // namespace
}  // namespace weir
