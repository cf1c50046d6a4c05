#include "runtime/record/replace_record.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

TEST(ReplaceRecord, PutsTheNewFileInThePlaceOfTheOldOne) {
  const ScratchFolder folder;
  folder.write("record", "old");
  replace_record(folder / "record", "the record", [&](const std::filesystem::path& unfinished) {
    folder.write(unfinished.filename().string(), "new");
    return RecordOutcome{};
  });
  EXPECT_EQ(text_of_file(folder / "record"), "new");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"record"}));
}

TEST(ReplaceRecord, KeepsTheOldFileWhenTheNewOneIsNotWhole) {
  const ScratchFolder folder;
  folder.write("record", "old");
  const std::string report = refusal([&] {
    replace_record(folder / "record", "the record", [&](const std::filesystem::path& unfinished) {
      folder.write(unfinished.filename().string(), "ne");
      return RecordOutcome{.failure = "the disk is full"};
    });
  });
  EXPECT_NE(report.find("the record cannot be written"), std::string::npos) << report;
  EXPECT_NE(report.find("the disk is full"), std::string::npos) << report;
  EXPECT_EQ(text_of_file(folder / "record"), "old");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"record"}));
}

TEST(ReplaceRecord, SpeaksOfTheRecordThatWasAskedForWhenItsWriterRefuses) {
  const ScratchFolder folder;
  const std::string report = refusal([&] {
    replace_record(folder / "no" / "where", "the record",
                   [](const std::filesystem::path& unfinished) {
                     return RecordWriter(unfinished, {}, {}, {}, {.own_thread = false}).close();
                   });
  });
  EXPECT_TRUE(report.starts_with("the record cannot be written")) << report;
  EXPECT_NE(report.find("/no/where: "), std::string::npos) << report;
  EXPECT_EQ(report.find("--record"), std::string::npos) << report;
}

TEST(ReplaceRecord, LeavesNothingWhereAFolderHasTheName) {
  const ScratchFolder folder;
  folder.write("record/is", "a folder");
  const std::string report = refusal([&] {
    replace_record(folder / "record", "the record", [&](const std::filesystem::path& unfinished) {
      folder.write(unfinished.filename().string(), "new");
      return RecordOutcome{};
    });
  });
  EXPECT_NE(report.find("the record cannot be written"), std::string::npos) << report;
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"record"}));
}

TEST(ReplaceRecord, IsRefusedBeforehandWhereItWouldFail) {
  const ScratchFolder folder;
  folder.write("old", "old");
  require_replaceable(folder / "old", "the record");
  require_replaceable(folder / "new", "the record");
  EXPECT_EQ(text_of_file(folder / "old"), "old");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"old"}));
  std::filesystem::create_symlink(folder / "old", folder / "link");
  for (const auto& path : {folder / "no" / "where", folder.path(), folder / "link",
                           std::filesystem::path("/dev/null")}) {
    const std::string report = refusal([&] { require_replaceable(path, "the record"); });
    EXPECT_NE(report.find("the record cannot be written"), std::string::npos) << report;
  }
}

}  // namespace
}  // namespace weir
