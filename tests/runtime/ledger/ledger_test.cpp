#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "runtime/ledger/ledger_folder.hpp"
#include "runtime/ledger/ledger_writer.hpp"
#include "runtime/ledger/sqlite_database.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

const std::string kWork = "iot, seed 1";

Bytes bytes_of(const std::string& text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

class Ledger : public testing::Test {
 protected:
  std::map<std::uint64_t, LedgerEnd> contents(const std::string& work = kWork) {
    std::map<std::uint64_t, LedgerEnd> ends;
    LedgerFolder(path_).read(work, [&](LedgerEnd end) { ends[end.id.value()] = std::move(end); });
    return ends;
  }
  void write(int rank, std::initializer_list<std::uint64_t> ids) {
    LedgerWriter writer(path_, RankId(rank), kWork);
    for (const std::uint64_t id : ids) {
      writer.note_end({.id = TaskId(id), .result = bytes_of("of rank " + std::to_string(rank))});
    }
    EXPECT_EQ(writer.close(), std::nullopt);
    EXPECT_EQ(writer.written(), ids.size());
  }
  std::filesystem::path file(int rank) const {
    return path_ / ("rank." + std::to_string(rank) + ".ledger");
  }
  void replace(int rank, const std::string& text) {
    std::filesystem::remove(file(rank));
    std::ofstream(file(rank), std::ios::binary) << text;
  }
  std::string text_of(int rank) const {
    std::ifstream in(file(rank), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  ScratchFolder scratch_;
  std::filesystem::path path_ = scratch_ / "ledger";
};

TEST_F(Ledger, GivesBackWhatAllRanksHaveWritten) {
  EXPECT_TRUE(contents().empty()) << "and makes the folder";
  write(0, {1, 2});
  write(3, {std::uint64_t{1} << 63});
  const auto ends = contents();
  ASSERT_EQ(ends.size(), 3);
  EXPECT_EQ(ends.at(2).result, bytes_of("of rank 0"));
  EXPECT_EQ(ends.at(std::uint64_t{1} << 63).result, bytes_of("of rank 3"));
}

TEST_F(Ledger, KeepsAttemptAndFailureAndAnEmptyResult) {
  EXPECT_TRUE(contents().empty());
  LedgerWriter writer(path_, RankId(0), kWork);
  writer.note_end({.id = TaskId(7), .attempt = 3, .failed = true, .result = bytes_of("too late")});
  writer.note_end({.id = TaskId(8)});
  EXPECT_EQ(writer.close(), std::nullopt);
  const auto ends = contents();
  EXPECT_EQ(ends.at(7).attempt, 3);
  EXPECT_TRUE(ends.at(7).failed);
  EXPECT_EQ(ends.at(7).result, bytes_of("too late"));
  EXPECT_FALSE(ends.at(8).failed);
  EXPECT_TRUE(ends.at(8).result.empty());
}

TEST_F(Ledger, CountsTheFirstEndOfATaskOnly) {
  EXPECT_TRUE(contents().empty());
  write(0, {1});
  LedgerWriter again(path_, RankId(0), kWork);
  again.note_end({.id = TaskId(1), .failed = true});
  EXPECT_EQ(again.close(), std::nullopt);
  EXPECT_FALSE(contents().at(1).failed);
}

TEST_F(Ledger, HasTheNewestCopyThatEachRankHasNotedOfAShare) {
  EXPECT_TRUE(contents().empty());
  const auto note = [&](int rank, std::vector<LedgerCopy> copies) {
    LedgerWriter writer(path_, RankId(rank), kWork);
    writer.note_copies({{.share = copies[0].share, .generation = 0, .content = bytes_of("old")}});
    writer.note_copies(std::move(copies));
    EXPECT_EQ(writer.close(), std::nullopt);
  };
  note(0, {{0, 1, bytes_of("first")}, {1, 1, bytes_of("second")}});
  note(1, {{1, 2, bytes_of("second, gone on with")}});
  note(0, {{0, 2, bytes_of("first, further")}});
  std::vector<std::string> found;
  LedgerFolder(path_).read_copies(kWork, [&](const LedgerCopy& copy, const auto& file) {
    found.push_back(
        file.filename().string() + ' ' + std::to_string(copy.share) + ' ' +
        std::to_string(copy.generation) + ' ' +
        std::string(reinterpret_cast<const char*>(copy.content.data()), copy.content.size()));
  });
  EXPECT_EQ(found, (std::vector<std::string>{"rank.0.ledger 0 2 first, further",
                                             "rank.0.ledger 1 1 second",
                                             "rank.1.ledger 1 2 second, gone on with"}));
  EXPECT_TRUE(contents().empty()) << "they are no ends of tasks";
}

// As the first version of weir that had ledgers wrote them.
TEST_F(Ledger, OfBeforeThereWereCopiesIsRead) {
  EXPECT_TRUE(contents().empty());
  write(0, {1, 2});
  SqliteDatabase(file(0)).run("DROP TABLE copies");
  LedgerFolder(path_).read_copies(kWork, [](const LedgerCopy&, const auto&) { FAIL(); });
  EXPECT_EQ(contents().size(), 2);
}

TEST_F(Ledger, WritesWithoutBeingClosed) {
  EXPECT_TRUE(contents().empty());
  LedgerWriter writer(path_, RankId(0), kWork, {.commit_interval = 1ms});
  writer.note_end({.id = TaskId(1)});
  while (writer.written() < 1) std::this_thread::yield();
}

TEST_F(Ledger, IsHeldByOneJobAtATime) {
  const LedgerFolder held(path_);
  const std::string report = refusal([&] { LedgerFolder second(path_, 100ms); });
  EXPECT_NE(report.find("another job"), std::string::npos) << report;
}

TEST_F(Ledger, RefusesOtherWorkAndKeepsWhatIsThere) {
  EXPECT_TRUE(contents().empty());
  write(0, {1, 2});
  const std::string report = refusal([&] { contents("iot, seed 2"); });
  EXPECT_NE(report.find("\"iot, seed 1\""), std::string::npos) << report;
  EXPECT_NE(report.find("\"iot, seed 2\""), std::string::npos) << report;
  EXPECT_EQ(contents().size(), 2);
}

TEST_F(Ledger, RefusesWhatIsNoLedgerAndLeavesItAsItWas) {
  EXPECT_TRUE(contents().empty());
  const std::string letter = "Dear reader, this is no database, and nobody should write to it.";
  replace(0, letter);
  const std::string report = refusal([&] { contents(); });
  EXPECT_NE(report.find("rank.0.ledger"), std::string::npos) << report;
  EXPECT_NE(report.find("not a database"), std::string::npos) << report;
  EXPECT_NE(refusal([&] { LedgerWriter(path_, RankId(0), kWork); }), kNothingRefused);
  EXPECT_EQ(text_of(0), letter);
}

TEST_F(Ledger, RefusesATornFile) {
  EXPECT_TRUE(contents().empty());
  {
    LedgerWriter writer(path_, RankId(0), kWork);
    for (std::uint64_t id = 0; id < 10'000; ++id) writer.note_end({.id = TaskId(id)});
    EXPECT_EQ(writer.close(), std::nullopt);
  }
  const std::string whole = text_of(0);
  const std::string half = whole.substr(0, whole.size() / 2);
  replace(0, half);
  const std::string report = refusal([&] { contents(); });
  EXPECT_NE(report.find("is damaged"), std::string::npos) << report;
  EXPECT_EQ(text_of(0), half);
}

TEST_F(Ledger, RefusesAFolderThatCannotBeMade) {
  path_ = scratch_ / "missing" / "ledger";
  const std::string report = refusal([&] { LedgerFolder folder(path_); });
  EXPECT_NE(report.find("missing"), std::string::npos) << report;
  replace(0, "");
  path_ = scratch_ / "file";
  std::ofstream(path_) << "text";
  EXPECT_NE(refusal([&] { LedgerFolder folder(path_); }), kNothingRefused);
}

}  // namespace
}  // namespace weir
