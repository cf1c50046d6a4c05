#include "jobs/traces/csv_file.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "runtime/base/error.hpp"
#include "tests/support/trace_files.hpp"

namespace weir {
namespace {

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  CsvFile file(path);
  std::vector<std::string> lines;
  for (std::string_view line; file.next_line(line);) lines.emplace_back(line);
  return lines;
}

std::string many_lines() {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919) + ",abc\n";
  return text;
}

TEST(CsvFile, ReadsPlainAndCompressedFilesAlike) {
  const TraceFolder folder;
  const auto plain = lines_of(folder.write("a.csv", many_lines()));
  ASSERT_EQ(plain.size(), 50'000u);
  EXPECT_EQ(plain[49'999], "395942081,abc");
  EXPECT_EQ(plain, lines_of(folder.write_gz("a.csv.gz", many_lines())));
}

TEST(CsvFile, TakesLineBreaksOfEitherKindAndALastLineWithoutOne) {
  const TraceFolder folder;
  const std::vector<std::string> expected = {"a", "b", "c"};
  EXPECT_EQ(lines_of(folder.write("a.csv", "a\r\nb\n\nc")), expected);
}

TEST(CsvFile, CountsLinesAsAnEditorDoes) {
  const TraceFolder folder;
  CsvFile file(folder.write("a.csv", "a\n\nc\n"));
  std::string_view line;
  ASSERT_TRUE(file.next_line(line));
  EXPECT_EQ(file.line_number(), 1u);
  ASSERT_TRUE(file.next_line(line));
  EXPECT_EQ(file.line_number(), 3u);
  EXPECT_FALSE(file.next_line(line));
}

TEST(CsvFile, RefusesACompressedFileThatEndsTooEarlyWhereverItIsCut) {
  const TraceFolder folder;
  const auto whole = folder.write_gz("whole.csv.gz", many_lines());
  std::ifstream in(whole, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  for (const std::size_t size :
       {bytes.size() - 1, bytes.size() - 8, bytes.size() / 2, std::size_t{40}}) {
    const auto cut = folder.write("cut.csv.gz", bytes.substr(0, size));
    try {
      lines_of(cut);
      ADD_FAILURE() << "no error at " << size << " bytes";
    } catch (const Error& error) {
      EXPECT_NE(error.report().find("cut.csv.gz"), std::string::npos);
      EXPECT_NE(error.report().find("ends too early"), std::string::npos) << error.report();
    }
  }
}

TEST(CsvFile, RefusesDamagedCompressedData) {
  const TraceFolder folder;
  const auto whole = folder.write_gz("whole.csv.gz", many_lines());
  std::ifstream in(whole, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 64; ++i) bytes[i] = '\x55';
  EXPECT_THROW(lines_of(folder.write("damaged.csv.gz", bytes)), Error);
}

TEST(CsvFile, RefusesMissingFilesFoldersAndEndlessLines) {
  const TraceFolder folder;
  EXPECT_THROW(CsvFile(folder / "missing.csv"), Error);
  EXPECT_THROW(CsvFile(folder / ""), Error);
  EXPECT_THROW(lines_of(folder.write("long.csv", std::string(3'000'000, 'x'))), Error);
}

}  // namespace
}  // namespace weir
