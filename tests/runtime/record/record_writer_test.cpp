#include "runtime/record/record_writer.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <thread>

#include "runtime/base/error.hpp"
#include "runtime/record/record_reader.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr TableIndex kFirst{0};
constexpr TableIndex kSecond{1};

std::vector<TableSchema> one_number_table() {
  return {{"numbers", {{"value", ColumnType::kUint64, "counts from zero"}}}};
}

// In no alphabetical order, so that order is kept by intent.
TableSchema table_of_every_type() {
  return {"every_type",
          {{"z_int64", ColumnType::kInt64, "ns"},
           {"uint64", ColumnType::kUint64, ""},
           {"double", ColumnType::kDouble, "°C"},
           {"int32", ColumnType::kInt32, "rank"},
           {"uint32", ColumnType::kUint32, ""},
           {"uint16", ColumnType::kUint16, ""},
           {"a_uint8", ColumnType::kUint8, "class"}}};
}

TEST(RecordWriter, KeepsEveryTypeOfColumnToItsLastValue) {
  const ScratchFolder folder;
  const std::vector<TableSchema> tables{table_of_every_type(), one_number_table()[0]};
  RecordWriter writer(folder / "s.h5", tables, {});
  writer.append(kFirst, INT64_MIN, UINT64_MAX, -0.125, INT32_MIN, UINT32_MAX,
                std::uint16_t{UINT16_MAX}, std::uint8_t{UINT8_MAX});
  writer.append(kFirst, INT64_MAX, std::uint64_t{0}, HUGE_VAL, INT32_MAX, 7u, std::uint16_t{8},
                std::uint8_t{9});
  writer.append(kSecond, std::uint64_t{42});
  const RecordOutcome outcome = writer.close();
  EXPECT_EQ(outcome.written_rows, 3u);
  EXPECT_EQ(outcome.dropped_rows, 0u);
  EXPECT_FALSE(outcome.failure);

  const RecordReader reader(folder / "s.h5");
  EXPECT_TRUE(reader.is_segment());
  const auto found = reader.tables();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].schema, tables[0]);
  EXPECT_EQ(found[1].schema, tables[1]);
  EXPECT_EQ(found[0].rows, 2u);
  using I64 = std::vector<std::int64_t>;
  EXPECT_EQ(reader.column<std::int64_t>("", "every_type", "z_int64"), (I64{INT64_MIN, INT64_MAX}));
  EXPECT_EQ(reader.column<std::uint64_t>("", "every_type", "uint64"),
            (std::vector<std::uint64_t>{UINT64_MAX, 0}));
  EXPECT_EQ(reader.column<double>("", "every_type", "double"),
            (std::vector<double>{-0.125, HUGE_VAL}));
  EXPECT_EQ(reader.column<std::int32_t>("", "every_type", "int32"),
            (std::vector<std::int32_t>{INT32_MIN, INT32_MAX}));
  EXPECT_EQ(reader.column<std::uint32_t>("", "every_type", "uint32"),
            (std::vector<std::uint32_t>{UINT32_MAX, 7}));
  EXPECT_EQ(reader.column<std::uint16_t>("", "every_type", "uint16"),
            (std::vector<std::uint16_t>{UINT16_MAX, 8}));
  EXPECT_EQ(reader.column<std::uint8_t>("", "every_type", "a_uint8"),
            (std::vector<std::uint8_t>{UINT8_MAX, 9}));
  EXPECT_EQ(reader.column<std::uint64_t>("", "numbers", "value"), (std::vector<std::uint64_t>{42}));
}

TEST(RecordWriter, KeepsAttributesOfStartAndEndAndArrays) {
  const ScratchFolder folder;
  const std::vector<Array> arrays{
      {"bounds", std::vector<double>{0.5, 1e300}, "ms"},
      {"classes", std::vector<std::string>{"short", "", "größer"}, "by class id"},
      {"cores", std::vector<std::int64_t>{-1, 2}, ""},
      {"nothing", std::vector<std::string>{}, "empty"}};
  const std::string long_text(200000, 'x');
  {
    RecordWriter writer(folder / "s.h5", one_number_table(),
                        {{"policy", "random"}, {"ranks", 4}, {"machine", long_text}}, arrays);
    writer.close({{"mean_ms", 3.0}, {"ranks", 5}, {"quote", "a \"b\"\n"}, {"unknown", NAN}});
  }
  const RecordReader reader(folder / "s.h5");
  Attributes found = reader.attributes();
  EXPECT_EQ(found.at("policy"), AttributeValue("random"));
  EXPECT_EQ(found.at("machine"), AttributeValue(long_text));
  EXPECT_EQ(found.at("ranks"), AttributeValue(5)) << "the end wins";
  EXPECT_EQ(found.at("mean_ms"), AttributeValue(3.0)) << "stays a real number";
  EXPECT_EQ(found.at("quote"), AttributeValue("a \"b\"\n"));
  EXPECT_TRUE(std::isnan(std::get<double>(found.at("unknown"))));
  EXPECT_EQ(reader.arrays(), arrays);
}

TEST(RecordWriter, KeepsManyRowsInOrderAndReadsThemInBlocks) {
  constexpr std::uint64_t kRows = 100000;
  const ScratchFolder folder;
  RecordWriter writer(folder / "s.h5", one_number_table(), {}, {},
                      {.flush_interval = 1ms, .max_queued_rows = 2 * kRows});
  for (std::uint64_t i = 0; i < kRows; ++i) writer.append(kFirst, i);
  EXPECT_EQ(writer.close().written_rows, kRows);

  const RecordReader reader(folder / "s.h5");
  const auto all = reader.column<std::uint64_t>("", "numbers", "value");
  ASSERT_EQ(all.size(), kRows);
  for (std::uint64_t i = 0; i < kRows; ++i) ASSERT_EQ(all[i], i);
  EXPECT_EQ(reader.column<std::uint64_t>("", "numbers", "value", kRows - 2, 10),
            (std::vector<std::uint64_t>{kRows - 2, kRows - 1}));
  EXPECT_TRUE(reader.column<std::uint64_t>("", "numbers", "value", kRows).empty());
}

TEST(RecordWriter, DropsAndCountsRowsThatFindTheQueueFull) {
  constexpr std::uint64_t kRows = 200000;
  const ScratchFolder folder;
  RecordWriter writer(folder / "s.h5", one_number_table(), {}, {},
                      {.flush_interval = 1h, .max_queued_rows = 2});
  for (std::uint64_t i = 0; i < kRows; ++i) writer.append(kFirst, i);
  const std::uint64_t dropped = writer.dropped_rows(kFirst);
  const RecordOutcome outcome = writer.close();
  EXPECT_GT(dropped, 0u);
  EXPECT_EQ(outcome.dropped_rows, dropped);
  EXPECT_EQ(outcome.written_rows + dropped, kRows);

  const RecordReader reader(folder / "s.h5");
  EXPECT_EQ(reader.tables()[0].dropped_rows, dropped);
  EXPECT_EQ(reader.tables()[0].rows, outcome.written_rows);
}

TEST(RecordWriter, CanBeReadWhileItWrites) {
  const ScratchFolder folder;
  RecordWriter writer(folder / "s.h5", one_number_table(), {}, {}, {.flush_interval = 1ms});
  for (std::uint64_t i = 0; i < 3000; ++i) writer.append(kFirst, i);
  while (writer.flushed_rows(kFirst) < 3000) std::this_thread::yield();
  const RecordReader reader(folder / "s.h5");
  EXPECT_EQ(reader.column<std::uint64_t>("", "numbers", "value").size(), 3000u);
  writer.append(kFirst, std::uint64_t{3000});
  EXPECT_EQ(writer.close().written_rows, 3001u);
}

TEST(RecordWriter, WritesAtTheSameTimeAsAnotherOfThisProcess) {
  constexpr std::uint64_t kRows = 20000;
  const ScratchFolder folder;
  const auto record = [&folder](const std::string& name) {
    RecordWriter writer(folder / name, one_number_table(), {}, {}, {.flush_interval = 1ms});
    for (std::uint64_t i = 0; i < kRows; ++i) writer.append(kFirst, i);
    writer.close();
  };
  std::thread other([&record] { record("b.h5"); });
  record("a.h5");
  other.join();
  for (const char* name : {"a.h5", "b.h5"}) {
    const RecordReader reader(folder / name);
    const TableInfo table = reader.tables()[0];
    EXPECT_EQ(table.rows + table.dropped_rows, kRows) << name;
  }
}

TEST(RecordWriter, RefusesASegmentThatCannotBeMade) {
  const ScratchFolder folder;
  EXPECT_THROW(RecordWriter(folder.path() / "missing" / "s.h5", one_number_table(), {}), Error);
}

// A child of its own, because the limit holds for a whole process.
TEST(RecordWriter, EndsWithAReasonAndKeepsWhatIsFlushedWhenTheDiskIsFull) {
  const ScratchFolder folder;
  const std::string path = (folder / "s.h5").string();
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    RecordWriter writer(path, one_number_table(), {}, {}, {.flush_interval = 1ms});
    for (std::uint64_t i = 0; i < 1000; ++i) writer.append(kFirst, i);
    while (writer.flushed_rows(kFirst) < 1000) std::this_thread::yield();
    const rlimit limit{65536, 65536};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    for (std::uint64_t i = 1000; i < 31000; ++i) writer.append(kFirst, i);
    const RecordOutcome outcome = writer.close({{"too", "late"}});
    const bool told = outcome.failure && outcome.dropped_rows > 0 && outcome.written_rows >= 1000;
    std::exit(told && outcome.dropped_rows + outcome.written_rows == 31000 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  const RecordReader reader(path);
  const auto values = reader.column<std::uint64_t>("", "numbers", "value");
  ASSERT_GE(values.size(), 1000u);
  for (std::uint64_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], i);
}

TEST(RecordWriterDeathTest, RefusesValuesThatAreNotThoseOfTheColumns) {
  const ScratchFolder folder;
  RecordWriter writer(folder / "s.h5", one_number_table(), {});
  EXPECT_DEATH(writer.append(kFirst, 1.0), "not those of the columns");
  EXPECT_DEATH(writer.append(kSecond, std::uint64_t{1}), "no such table");
}

}  // namespace
}  // namespace weir
