#include "runtime/record/run_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "runtime/base/error.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/record/record_writer.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

namespace fs = std::filesystem;

constexpr TableIndex kEvents{0};

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}
std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

std::vector<TableSchema> event_tables() {
  return {
      {"events", {{"task", ColumnType::kUint64, "task id"}, {"rank", ColumnType::kInt32, "where"}}},
      {"dead_letters", {{"task", ColumnType::kUint64, "task id"}}}};
}

Segment record_segment(const fs::path& run_file, RankId rank, std::uint64_t rows) {
  const Segment segment{rank, segment_path(run_file, rank)};
  RecordWriter writer(segment.path, event_tables(), {{"host", "n" + std::to_string(rank.value())}},
                      {{"cores", std::vector<std::int64_t>{rank.value(), 8}, "core numbers"}},
                      {.max_queued_rows = 1 << 18});
  for (std::uint64_t i = 0; i < rows; ++i) writer.append(kEvents, i, rank.value());
  EXPECT_EQ(writer.close({{"utilization", 0.5}}).dropped_rows, 0u);
  return segment;
}

TEST(RunFile, NamesSegmentsByRank) {
  EXPECT_EQ(segment_path("a/run.h5", RankId(3)), fs::path("a/run.h5.rank0003"));
  EXPECT_EQ(segment_path("run.h5", RankId(12345)), fs::path("run.h5.rank12345"));
}

TEST(RunFile, HoldsEverythingOfEverySegmentAfterTheMerge) {
  const ScratchFolder folder;
  const fs::path run = folder / "run.h5";
  const std::vector<Segment> segments{record_segment(run, RankId(0), 150000),
                                      record_segment(run, RankId(10), 0),
                                      record_segment(run, RankId(2), 5)};
  const MergeOutcome outcome = merge_segments(
      run, segments, {{"policy", "random"}}, {{"classes", std::vector<std::string>{"a", "b"}, ""}});
  EXPECT_EQ(outcome.merged.size(), 3u);
  EXPECT_TRUE(outcome.skipped.empty());
  EXPECT_EQ(files_in(folder.path()), 1u) << "the run file alone";

  const RecordReader reader(run);
  EXPECT_FALSE(reader.is_segment());
  EXPECT_EQ(reader.ranks(), (std::vector<RankId>{RankId(0), RankId(2), RankId(10)}));
  EXPECT_EQ(reader.attributes().at("policy"), AttributeValue("random"));
  EXPECT_EQ(reader.arrays().size(), 1u);
  EXPECT_EQ(reader.attributes(part_of(RankId(10))).at("host"), AttributeValue("n10"));
  EXPECT_EQ(reader.attributes(part_of(RankId(2))).at("utilization"), AttributeValue(0.5));
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(reader.arrays(part_of(RankId(2)))[0].values),
            (std::vector<std::int64_t>{2, 8}));
  const auto tables = reader.tables(part_of(RankId(10)));
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(tables[0].schema, event_tables()[0]);
  EXPECT_EQ(tables[1].schema, event_tables()[1]);
  EXPECT_EQ(tables[0].rows, 0u);
  EXPECT_EQ(reader.column<std::int32_t>(part_of(RankId(2)), "events", "rank"),
            std::vector<std::int32_t>(5, 2));
  const auto tasks = reader.column<std::uint64_t>(part_of(RankId(0)), "events", "task");
  ASSERT_EQ(tasks.size(), 150000u);
  for (std::uint64_t i = 0; i < tasks.size(); ++i) ASSERT_EQ(tasks[i], i);
}

TEST(RunFile, KeepsTheCountOfDroppedRows) {
  const ScratchFolder folder;
  const Segment segment{RankId(0), folder / "s"};
  std::uint64_t dropped = 0;
  {
    RecordWriter writer(segment.path, event_tables(), {}, {},
                        {.flush_interval = std::chrono::hours(1), .max_queued_rows = 1});
    for (std::uint64_t i = 0; i < 100000; ++i) writer.append(kEvents, i, 0);
    dropped = writer.close().dropped_rows;
  }
  ASSERT_GT(dropped, 0u);
  merge_segments(folder / "run.h5", std::vector<Segment>{segment}, {});
  EXPECT_EQ(RecordReader(folder / "run.h5").tables(part_of(RankId(0)))[0].dropped_rows, dropped);
}

TEST(RunFile, IsMadeFromTheSegmentsThatCanBeReadAndLeavesTheOthers) {
  const ScratchFolder folder;
  const fs::path run = folder / "run.h5";
  const Segment good = record_segment(run, RankId(0), 3);
  const Segment torn{RankId(1), segment_path(run, RankId(1))};
  write_text(torn.path, text_of_file(good.path).substr(0, 700));
  const Segment missing{RankId(2), segment_path(run, RankId(2))};
  const MergeOutcome outcome = merge_segments(run, std::vector<Segment>{torn, good, missing}, {});
  EXPECT_EQ(outcome.merged, std::vector<RankId>{RankId(0)});
  ASSERT_EQ(outcome.skipped.size(), 2u);
  EXPECT_EQ(outcome.skipped[0].first, RankId(1));
  EXPECT_EQ(outcome.skipped[1].first, RankId(2));
  EXPECT_TRUE(fs::exists(torn.path));
  EXPECT_EQ(RecordReader(run).ranks(), std::vector<RankId>{RankId(0)});
}

TEST(RunFile, StaysAsItWasWhenTheMergeFails) {
  const ScratchFolder folder;
  const fs::path run = folder / "run.h5";
  fs::create_directory(run);  // Cannot be replaced by a file.
  write_text(run / "inside", "kept");
  const Segment segment = record_segment(folder / "other.h5", RankId(0), 3);
  EXPECT_THROW(merge_segments(run, std::vector<Segment>{segment}, {}), Error);
  EXPECT_EQ(text_of_file(run / "inside"), "kept");
  EXPECT_EQ(RecordReader(segment.path).tables()[0].rows, 3u) << "the segment stays";
  EXPECT_EQ(files_in(folder.path()), 2u) << "nothing half-written";
}

TEST(RunFile, MayReplaceAnEarlierRunFile) {
  const ScratchFolder folder;
  const fs::path run = folder / "run.h5";
  for (const std::uint64_t rows : {3u, 7u}) {
    EXPECT_NO_THROW(check_writable(run));
    merge_segments(run, std::vector<Segment>{record_segment(run, RankId(0), rows)}, {});
    EXPECT_EQ(RecordReader(run).tables(part_of(RankId(0)))[0].rows, rows);
  }
  EXPECT_NO_THROW(check_writable(run));
  EXPECT_EQ(files_in(folder.path()), 1u) << "the check leaves nothing behind";
}

TEST(RunFile, RefusesPlacesThatCannotBeWritten) {
  const ScratchFolder folder;
  EXPECT_THROW(check_writable(folder / "missing/run.h5"), Error);
  EXPECT_THROW(check_writable(folder.path()), Error);
  EXPECT_THROW(check_writable(folder.path() / ""), Error);
  EXPECT_THROW(check_writable("/proc/run.h5"), Error) << "also for the superuser";
  write_text(folder / "file", "x");
  EXPECT_THROW(check_writable(folder / "file/run.h5"), Error);
  EXPECT_NO_THROW(check_writable(folder / "run.h5"));
}

TEST(RunFile, RefusesToReplaceAFileThatIsNoRunFile) {
  const ScratchFolder folder;
  write_text(folder / "notes.txt", "not to be lost");
  EXPECT_THROW(check_writable(folder / "notes.txt"), Error);
  write_text(folder / "empty", "");
  EXPECT_THROW(check_writable(folder / "empty"), Error);
  EXPECT_EQ(text_of_file(folder / "notes.txt"), "not to be lost");
}

TEST(RecordReader, RefusesForeignTornAndMissingFiles) {
  const ScratchFolder folder;
  const Segment whole = record_segment(folder / "run.h5", RankId(0), 3000);
  const std::string bytes = text_of_file(whole.path);
  write_text(folder / "foreign", "id,time\n1,2\n");
  EXPECT_THROW(RecordReader(folder / "foreign"), Error);
  EXPECT_THROW(RecordReader(folder / "missing"), Error);
  EXPECT_THROW(RecordReader(folder.path()), Error);
  for (const std::size_t size : {std::size_t{0}, std::size_t{20}, std::size_t{100},
                                 std::size_t{1000}, bytes.size() / 2, bytes.size() - 1}) {
    write_text(folder / "torn", bytes.substr(0, size));
    EXPECT_THROW(RecordReader(folder / "torn").column<std::uint64_t>("", "events", "task"), Error)
        << size << " bytes";
  }
}

TEST(RecordReader, RefusesAPipeAndAFolderInsteadOfWaitingForThem) {
  const ScratchFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const auto& path : {folder / "pipe", folder.path()}) {
    const std::string report = refusal([&] { RecordReader reader(path); });
    EXPECT_NE(report.find("a folder, pipe or device"), std::string::npos) << report;
  }
}

TEST(RecordReader, RefusesWhatTheFileDoesNotHold) {
  const ScratchFolder folder;
  const RecordReader reader(record_segment(folder / "run.h5", RankId(0), 3).path);
  EXPECT_THROW(reader.tables("ranks/0000"), Error);
  EXPECT_THROW(reader.column<std::uint64_t>("", "nothing", "task"), Error);
  EXPECT_THROW(reader.column<std::uint64_t>("", "events", "nothing"), Error);
  EXPECT_THROW(reader.column<double>("", "events", "task"), Error) << "another type";
}

}  // namespace
}  // namespace weir
