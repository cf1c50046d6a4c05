#include "tools/result/run_record.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "runtime/base/error.hpp"
#include "runtime/record/record_reader.hpp"
#include "tests/support/finished_tasks.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

RunRecordHead head_of(double task_share = 1) {
  return {.rank = RankId(3),
          .options = {{"stream", "finance"}, {"stream", "iot"}, {"policy", "random"}},
          .class_names = {"finance", "iot"},
          .stream_names = {"finance", "iot"},
          .host = "n01",
          .share = "processors 0-3",
          .worker_count = 4,
          .speed = 1.5,
          .task_share = task_share};
}

RunTally tally_of(const std::vector<CompletedTask>& tasks) {
  RunTally tally(2, 2, 4);
  for (const CompletedTask& task : tasks) tally.add(task, Instant(1s));
  return tally;
}

// A record of these tasks, closed and opened again.
class ClosedRecord {
 public:
  explicit ClosedRecord(const std::vector<CompletedTask>& tasks, double task_share = 1,
                        const std::vector<NodeReport>& reports = {}) {
    RunRecord record(path_, head_of(task_share));
    for (const CompletedTask& task : tasks) record.add_task(task, Instant(1s));
    for (const NodeReport& report : reports) record.add_telemetry(report, Instant(2s));
    EXPECT_EQ(record.close(tally_of(tasks)), "");
  }

  RecordReader reader() const { return RecordReader(path_); }
  template <typename T>
  std::vector<T> column(const std::string& table, const std::string& name) const {
    return reader().column<T>("", table, name);
  }
  std::string text(const std::string& attribute) const {
    return std::get<std::string>(reader().attributes().at(attribute));
  }

 private:
  ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "run.h5.rank0003";
};

TEST(RunRecord, HoldsTheOptionsAndThePlaceOfItsRank) {
  const ClosedRecord record({});
  EXPECT_EQ(record.text("option_stream"), "finance,iot");
  EXPECT_EQ(record.text("option_policy"), "random");
  EXPECT_EQ(record.text("host"), "n01");
  EXPECT_EQ(record.text("share"), "processors 0-3");
  const Attributes attributes = record.reader().attributes();
  EXPECT_EQ(std::get<std::int64_t>(attributes.at("rank")), 3);
  EXPECT_EQ(std::get<std::int64_t>(attributes.at("workers")), 4);
  EXPECT_EQ(std::get<double>(attributes.at("speed")), 1.5);
  const auto arrays = record.reader().arrays();
  ASSERT_EQ(arrays.size(), 2u);
  EXPECT_EQ(std::get<std::vector<std::string>>(arrays[0].values),
            (std::vector<std::string>{"finance", "iot"}));
}

TEST(RunRecord, HoldsARowForEveryTask) {
  CompletedTask moved = done_task(1, 5, 2, 8ms);
  moved.moved = true;
  const ClosedRecord record({done_task(0, 4, 1, 5ms), moved, failed_task(1, 6, "no window")});
  EXPECT_EQ(record.column<std::uint64_t>("tasks", "id"),
            (std::vector<std::uint64_t>{4, (1ull << 48) + 5, (1ull << 48) + 6}));
  EXPECT_EQ(record.column<std::uint8_t>("tasks", "class"), (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_EQ(record.column<std::uint32_t>("tasks", "attempt"),
            (std::vector<std::uint32_t>{1, 1, 3}));
  EXPECT_EQ(record.column<std::uint8_t>("tasks", "failed"), (std::vector<std::uint8_t>{0, 0, 1}));
  EXPECT_EQ(record.column<std::uint8_t>("tasks", "dropped"), (std::vector<std::uint8_t>{0, 0, 0}));
  EXPECT_EQ(record.column<std::uint8_t>("tasks", "moved"), (std::vector<std::uint8_t>{0, 1, 0}));
  EXPECT_EQ(record.column<std::int32_t>("tasks", "node"), (std::vector<std::int32_t>{1, 2, 0}));
  EXPECT_EQ(record.column<double>("tasks", "arrival_s"), (std::vector<double>{0.04, 0.05, 0.06}));
  EXPECT_EQ(record.column<double>("tasks", "response_s")[1], 0.008);
  EXPECT_EQ(record.column<double>("tasks", "queued_s")[0], 0.001);
  EXPECT_EQ(record.column<double>("tasks", "service_s")[0], 0.002);
}

TEST(RunRecord, HoldsEveryDeadLetterWithTheTextOfItsError) {
  const ClosedRecord record({failed_task(0, 1, "no window"), done_task(0, 2),
                             failed_task(1, 3, "out of range"), failed_task(0, 4, "no window")},
                            0);
  EXPECT_EQ(record.column<std::uint64_t>("tasks", "id").size(), 0u);
  EXPECT_EQ(record.column<std::uint32_t>("dead_letters", "attempts"),
            (std::vector<std::uint32_t>{3, 3, 3}));
  std::vector<std::string> texts;
  for (const std::uint32_t number : record.column<std::uint32_t>("dead_letters", "error")) {
    texts.push_back(record.text("error_" + std::to_string(number)));
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"no window", "out of range", "no window"}));
}

TEST(RunRecord, SamplesTheSameTasksWhateverTheirOrder) {
  std::vector<CompletedTask> tasks;
  for (std::uint64_t i = 0; i < 1000; ++i) tasks.push_back(done_task(0, i));
  auto sampled = ClosedRecord(tasks, 0.2).column<std::uint64_t>("tasks", "id");
  std::ranges::reverse(tasks);
  auto backwards = ClosedRecord(tasks, 0.2).column<std::uint64_t>("tasks", "id");
  std::ranges::reverse(backwards);
  EXPECT_EQ(sampled, backwards);
  EXPECT_NEAR(static_cast<double>(sampled.size()), 200, 50);
}

TEST(RunRecord, HoldsTelemetryWithNanForWhatWasNotTold) {
  NodeReport silent{.node = RankId(3), .worker_count = 4, .busy_share = 0.5};
  silent.classes = {{.queued = 1, .running = 2, .arrived = 10, .completed = 7},
                    {.queued = 3, .running = 1, .arrived = 5, .completed = 1}};
  NodeReport telling = silent;
  telling.telemetry = {0.25, 1e9, 2e9, 3e6, 0.125};
  const ClosedRecord record({}, 1, {silent, telling});
  EXPECT_EQ(record.column<double>("telemetry", "time_s"), (std::vector<double>{2, 2}));
  EXPECT_EQ(record.column<std::uint32_t>("telemetry", "queued")[0], 4u);
  EXPECT_EQ(record.column<std::uint32_t>("telemetry", "running")[0], 3u);
  EXPECT_EQ(record.column<std::uint64_t>("telemetry", "arrived")[0], 15u);
  EXPECT_EQ(record.column<std::uint64_t>("telemetry", "completed")[0], 8u);
  EXPECT_EQ(record.column<double>("telemetry", "busy_share")[0], 0.5);
  const std::vector<std::pair<std::string, double>> told{{"cpu_utilization", 0.25},
                                                         {"memory_used_bytes", 1e9},
                                                         {"memory_available_bytes", 2e9},
                                                         {"network_bytes_per_s", 3e6},
                                                         {"cpu_pressure", 0.125}};
  for (const auto& [name, value] : told) {
    const auto column = record.column<double>("telemetry", name);
    EXPECT_TRUE(std::isnan(column[0])) << name;
    EXPECT_EQ(column[1], value) << name;
  }
}

TEST(RunRecord, HoldsTheHistogramAndTheDigestsOfItsHome) {
  std::vector<CompletedTask> tasks;
  for (std::uint64_t i = 0; i < 40; ++i) tasks.push_back(done_task(0, i, 0, 1ms * (i + 1)));
  tasks.push_back(done_task(1, 1, 0, 3s));
  tasks.push_back(failed_task(1, 2, "no window"));
  const ClosedRecord record(tasks);
  const auto counts = record.column<std::uint64_t>("response_histogram", "count");
  const auto classes = record.column<std::uint8_t>("response_histogram", "class");
  const auto bounds = record.column<double>("response_histogram", "upper_s");
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), 41u);
  EXPECT_EQ(classes.back(), 1);
  EXPECT_NEAR(bounds.back(), 3, 0.06);
  EXPECT_EQ(record.text("digest_0"), tally_of(tasks).digests()[0].hex());
  EXPECT_EQ(record.text("digest_1"), tally_of(tasks).digests()[1].hex());
}

TEST(RunRecord, HoldsWhatWasKnownWhenRecordedTasksWerePlaced) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "run.h5.rank0003";
  RunRecordHead head = head_of();
  head.placements = true;
  head.writer.own_thread = false;
  std::vector<NodeView> nodes(2);
  nodes[0] = {.rank = RankId(0), .cores = 4, .speed = 1};
  nodes[1] = {.rank = RankId(1), .cores = 8, .speed = 2, .queued = 5, .running = 7};
  nodes[1].report_age = 30ms;
  nodes[1].own_in_flight = 3;
  nodes[1].own_since_report = 2;
  nodes[1].mean_service_s[1] = 0.5;
  {
    RunRecord record(path, head);
    const ClusterView cluster{.nodes = nodes, .self = RankId(3), .dispatcher_count = 4};
    record.add_placement({.id = TaskId(9), .task_class = ClassId(1)}, cluster, RankId(1),
                         Instant(2s));
    EXPECT_FALSE(record.failed());
    EXPECT_EQ(record.close(tally_of({})), "");
  }
  const RecordReader reader(path);
  EXPECT_EQ(reader.column<std::uint64_t>("", "placements", "id"), std::vector<std::uint64_t>{9});
  EXPECT_EQ(reader.column<std::int32_t>("", "placements", "node"), std::vector<std::int32_t>{1});
  EXPECT_EQ(reader.column<double>("", "placements", "time_s"), std::vector<double>{2});
  EXPECT_EQ(reader.column<double>("", "placements", "dispatchers"), std::vector<double>{4});
  EXPECT_EQ(reader.column<std::uint32_t>("", "candidates", "queued"),
            (std::vector<std::uint32_t>{0, 5}));
  EXPECT_EQ(reader.column<std::uint32_t>("", "candidates", "own_in_flight"),
            (std::vector<std::uint32_t>{0, 3}));
  EXPECT_EQ(reader.column<double>("", "candidates", "report_age_s")[1], 0.03);
  // Half the speed, so twice the time that the other node has measured; half of that, so that it is
  // tried.
  EXPECT_EQ(reader.column<double>("", "candidates", "expected_service_s"),
            (std::vector<double>{0.5, 0.5}));
  EXPECT_EQ(reader.column<double>("", "candidates", "measured_speed"), (std::vector<double>{1, 2}));
}

TEST(RunRecord, HoldsWhatCoordinatorsHaveLearned) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "run.h5.rank0003";
  RunRecordHead head = head_of();
  head.placements = head.moves = head.learning = true;
  head.writer.own_thread = false;
  const LearningEvent promoted{.cluster = RankId(3),
                               .step = LearningStep::kPromoted,
                               .version = 2,
                               .task_count = 5'000,
                               .told_loss = 1.2,
                               .in_use_loss = 1.1,
                               .challenger_loss = 1.05};
  {
    RunRecord record(path, head);
    record.add_learning(promoted, Instant(40s));
    EXPECT_EQ(record.close(tally_of({})), "");
  }
  const RecordReader reader(path);
  const auto only = [&reader]<typename T>(const char* column, T value) {
    EXPECT_EQ(reader.column<T>("", "learning", column), std::vector<T>{value}) << column;
  };
  only("time_s", 40.0);
  only("cluster", std::int32_t{3});
  only("step", static_cast<std::uint8_t>(LearningStep::kPromoted));
  only("version", std::uint32_t{2});
  only("tasks", std::uint64_t{5'000});
  only("told_loss", 1.2);
  only("in_use_loss", 1.1);
  only("challenger_loss", 1.05);
}

TEST(RunRecord, WithoutAThreadLosesNoRowHoweverManyComeAtOnce) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "run.h5.rank0003";
  RunRecordHead head = head_of();
  head.writer = {.max_queued_rows = 4, .own_thread = false};
  std::vector<CompletedTask> tasks;
  for (std::uint64_t i = 0; i < 1000; ++i) tasks.push_back(done_task(0, i));
  RunRecord record(path, head);
  for (const CompletedTask& task : tasks) record.add_task(task, Instant(1s));
  EXPECT_EQ(record.close(tally_of(tasks)), "");
  EXPECT_EQ(RecordReader(path).column<std::uint64_t>("", "tasks", "id").size(), 1000u);
}

TEST(RunRecord, RefusesAFolderThatIsMissing) {
  const ScratchFolder folder;
  EXPECT_THROW(RunRecord(folder / "missing/run.h5.rank0003", head_of()), Error);
}

}  // namespace
}  // namespace weir
