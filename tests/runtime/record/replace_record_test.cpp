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

}  // namespace
}  // namespace weir
