// A process that is killed while it records leaves a segment that can be read and merged.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "runtime/record/record_reader.hpp"
#include "runtime/record/record_writer.hpp"
#include "runtime/record/run_file.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr TableIndex kNumbers{0};
constexpr TableIndex kSquares{1};

std::vector<TableSchema> tables() {
  return {{"numbers",
           {{"value", ColumnType::kUint64, ""},
            {"half", ColumnType::kDouble, ""},
            {"low_bits", ColumnType::kUint8, ""}}},
          {"squares", {{"square", ColumnType::kUint64, ""}}}};
}

// Records until it is killed, and tells the pipe how many rows are flushed whenever that changes.
[[noreturn]] void record_until_killed(const std::filesystem::path& path, int pipe) {
  RecordWriter writer(path, tables(), {{"policy", "random"}}, {}, {.flush_interval = 1ms});
  std::uint64_t told = 0;
  for (std::uint64_t i = 0;; ++i) {
    writer.append(kNumbers, i, static_cast<double>(i) / 2, static_cast<std::uint8_t>(i));
    writer.append(kSquares, i * i);
    std::uint64_t flushed = writer.flushed_rows(kNumbers);
    while (i + 1 - flushed > 8192) {  // Far below the limit of the queue: nothing is dropped.
      std::this_thread::yield();
      flushed = writer.flushed_rows(kNumbers);
    }
    if (flushed == told) continue;
    told = flushed;
    if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(1);
  }
}

// Opens and closes one file after the other, so that a kill often meets a file being closed.
[[noreturn]] void close_until_killed(const std::filesystem::path& path, int pipe) {
  for (std::uint64_t round = 1;; ++round) {
    RecordWriter writer(path.string() + std::to_string(round), tables(), {{"round", "first"}}, {},
                        {.flush_interval = 1ms});
    writer.append(kNumbers, round, 0.5, std::uint8_t{1});
    while (writer.flushed_rows(kNumbers) < 1) std::this_thread::yield();
    if (::write(pipe, &round, sizeof round) != sizeof round) ::_exit(1);
    writer.close({{"mean_ms", 1.5}, {"note", std::string(10000, 'n')}});
  }
}

// Runs `child`, kills it once it told a number of at least `enough`, gives the last number told.
template <typename Child>
std::uint64_t run_and_kill(Child child, std::uint64_t enough) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return 0;
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(ends[0]);
    child(ends[1]);
  }
  ::close(ends[1]);
  std::uint64_t last = 0;
  while (last < enough && ::read(ends[0], &last, sizeof last) == sizeof last) {
  }
  ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  while (::read(ends[0], &last, sizeof last) == sizeof last) {
  }
  ::close(ends[0]);
  return last;
}

void expect_whole(const RecordReader& reader, std::string_view part, std::uint64_t at_least) {
  const auto values = reader.column<std::uint64_t>(part, "numbers", "value");
  const auto halves = reader.column<double>(part, "numbers", "half");
  const auto low_bits = reader.column<std::uint8_t>(part, "numbers", "low_bits");
  ASSERT_GE(values.size(), at_least);
  ASSERT_EQ(halves.size(), values.size());
  ASSERT_EQ(low_bits.size(), values.size());
  for (std::uint64_t i = 1; i < values.size(); ++i) {
    ASSERT_EQ(values[i], i);
    ASSERT_EQ(halves[i], static_cast<double>(values[i]) / 2);
    ASSERT_EQ(low_bits[i], static_cast<std::uint8_t>(values[i]));
  }
}

TEST(RecordCrash, AKilledProcessLeavesAllRowsItHadFlushed) {
  const ScratchFolder folder;
  for (std::uint64_t round = 0; round < 12; ++round) {
    const auto path = segment_path(folder / "run.h5", RankId(static_cast<std::int32_t>(round)));
    const std::uint64_t flushed =
        run_and_kill([&path](int pipe) { record_until_killed(path, pipe); }, 1 + round * 3001);
    ASSERT_GT(flushed, 0u);
    const RecordReader reader(path);
    EXPECT_EQ(reader.attributes().at("policy"), AttributeValue("random"));
    expect_whole(reader, "", flushed);
  }
}

TEST(RecordCrash, TheSegmentOfAKilledProcessCanBeMerged) {
  const ScratchFolder folder;
  const auto path = segment_path(folder / "run.h5", RankId(2));
  const std::uint64_t flushed =
      run_and_kill([&path](int pipe) { record_until_killed(path, pipe); }, 10000);
  const std::vector<Segment> segments{{RankId(2), path}};
  const MergeOutcome outcome = merge_segments(folder / "run.h5", segments, {});
  EXPECT_EQ(outcome.merged, std::vector<RankId>{RankId(2)});
  expect_whole(RecordReader(folder / "run.h5"), part_of(RankId(2)), flushed);
}

TEST(RecordCrash, AProcessKilledWhileItClosesLosesNoRow) {
  const ScratchFolder folder;
  for (std::uint64_t round = 1; round < 12; ++round) {
    const std::uint64_t last =
        run_and_kill([&folder](int pipe) { close_until_killed(folder / "s.h5.", pipe); }, round);
    const RecordReader reader((folder / "s.h5.").string() + std::to_string(last));
    EXPECT_EQ(reader.column<std::uint64_t>("", "numbers", "value"),
              std::vector<std::uint64_t>{last});
    const Attributes found = reader.attributes();
    EXPECT_EQ(found.at("round"), AttributeValue("first"));
    EXPECT_EQ(found.contains("note"), found.contains("mean_ms")) << "all final ones, or none";
  }
}

}  // namespace
}  // namespace weir
