#include "tools/load/workload.hpp"

#include <gtest/gtest.h>

#include "jobs/kernels/kernel.hpp"
#include "runtime/base/error.hpp"
#include "runtime/exec/service_model.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/streams.hpp"

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
  const ScratchFolder folder;
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

// The part that is replayed depends on the scale.
TEST(Workload, SetsTheTimeScaleOfAnUnevenTraceForThePartThatIsReplayed) {
  const ScratchFolder folder;
  std::string csv = "count\n";
  for (int i = 0; i < 600; ++i) csv += i < 60 ? "10\n" : "30\n";
  RunOptions options;
  options.traces = {folder.write("posts_persec.csv", csv)};
  options.duration = 20s;
  options.load = 1;
  Workload work = make_workload(options, 200);
  EXPECT_NEAR(work.rate_per_s, 200, 2);
  EXPECT_NEAR(counted_rate(work.streams[0], 20s), 200, 12);
}

TEST(Workload, SharesTheRateAsToldAndTheRestEvenly) {
  RunOptions options = streams_at(1000, {"finance", "iot", "iot:poisson", "social"});
  options.loads.shares = {{"iot", 0.4}};
  const Workload work = make_workload(options, 0);
  for (const auto& [stream, rate] : {std::pair(0, 300), {1, 200}, {2, 200}, {3, 300}}) {
    EXPECT_NEAR(work.streams[static_cast<std::size_t>(stream)].stream->mean_rate_per_s(), rate, 9);
  }
}

TEST(Workload, RefusesSharesThatDoNotFitTogether) {
  RunOptions options = streams_at(1000, {"finance", "iot"});
  for (const std::map<std::string, double>& shares :
       {std::map<std::string, double>{{"finance", 0.5}, {"iot", 0.4}},
        {{"finance", 1}},
        {{"social", 0.5}},
        {{"finance", 0.8}, {"iot", 0.7}}}) {
    options.loads.shares = shares;
    EXPECT_THROW(make_workload(options, 0), Error);
  }
  options.loads.shares = {{"finance", 0.3}, {"iot", 0.7}};
  EXPECT_NEAR(make_workload(options, 0).streams[1].stream->mean_rate_per_s(), 700, 7);
}

TEST(Workload, LetsRatesFollowTheProfileOfTheirClass) {
  RunOptions options = streams_at(2000, {"finance:poisson", "iot:poisson"});
  options.loads.profiles = {{"", "0s:1,10s:0"}, {"iot", "0s:0.5,10s:1.5"}};
  Workload work = make_workload(options, 0);
  EXPECT_NEAR(work.rate_per_s, 1500, 1e-6);
  EXPECT_NEAR(counted_rate(work.streams[0], 20s), 500, 30);
  EXPECT_NEAR(counted_rate(work.streams[1], 20s), 1000, 30);
  options.loads.profiles = {{"", "0s:0,30s:1"}};
  EXPECT_THROW(make_workload(options, 0), Error) << "nothing within the duration";
}

TEST(Workload, GivesClassesTheirDeadlinesAndPriorities) {
  RunOptions options = streams_at(100, {"social", "finance"});
  options.loads.deadlines = {{"finance", 30ms}};
  options.loads.priorities = {{"social", 4}};
  const Workload work = make_workload(options, 0);
  EXPECT_EQ(work.streams[0].deadline, Duration(0));
  EXPECT_EQ(work.streams[0].priority, 4);
  EXPECT_EQ(work.streams[1].deadline, 30ms);
  EXPECT_EQ(work.streams[1].priority, 0);
}

TEST(Workload, TellsTasksTheirSizesOnlyWhereAsked) {
  RunOptions options = streams_at(100, {"iot"});
  EXPECT_FALSE(make_workload(options, 0).streams[0].cost_hint);
  options.loads.size_hints = true;
  const Arrival arrival{.at = {}, .index = 3, .key = 0, .work_units = 7};
  EXPECT_EQ(make_workload(options, 0).streams[0].cost_hint(TaskId(3), arrival), 70us);
  options.emulate = "nodes=1x1;work_ms=20";
  options.work_scale = 2;
  const auto hint = make_workload(options, 0).streams[0].cost_hint(TaskId(3), arrival);
  EXPECT_NEAR(to_milliseconds(hint), 40 * task_size({}, options.seed, TaskId(3)), 1e-3);
}

TEST(Workload, FindsTracesInTheFolderThatIsNamed) {
  const ScratchFolder folder;
  const auto path = folder.write("social/posts_persec.csv", "count\n5\n");
  RunOptions options;
  options.traces = {"social/posts_persec.csv"};
  EXPECT_THROW(make_workload(options, 0), Error);
  options.more_traces = folder / "";
  EXPECT_EQ(make_workload(options, 0).names[0], "posts_persec");
  options.traces_folder = folder / "elsewhere";
  try {
    make_workload(options, 0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.report().find("elsewhere/social/posts_persec.csv: no such file"),
              std::string::npos);
    EXPECT_NE(error.report().find("--traces-folder"), std::string::npos);
  }
}

TEST(Workload, RefusesALoadForStreamsAndTracesTogether) {
  const ScratchFolder folder;
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
