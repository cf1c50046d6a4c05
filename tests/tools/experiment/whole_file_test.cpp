#include "tools/experiment/whole_file.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::string_literals;

TEST(WholeFile, ReplacesOneOfThatNameAndLeavesNothingElse) {
  const ScratchFolder folder;
  write_whole_file(folder / "a.txt", "a longer first text\n");
  write_whole_file(folder / "a.txt", "second\n");
  EXPECT_EQ(text_of_file(folder / "a.txt"), "second\n");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.txt"});
}

TEST(WholeFile, KeepsBytesAsTheyAre) {
  const ScratchFolder folder;
  const std::string bytes = "\r\n\0\x1a end without a line break"s;
  write_whole_file(folder / "a.txt", bytes);
  EXPECT_EQ(text_of_file(folder / "a.txt"), bytes);
}

TEST(WholeFile, NamesTheFileThatCannotBeWrittenAndTheReason) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "none/a.txt";
  const std::string report = refusal([&] { write_whole_file(path, "text"); });
  EXPECT_NE(report.find(path.string() + ": No such file or directory"), std::string::npos)
      << report;
}

TEST(WholeFile, LeavesNothingWhereItCannotTakeItsName) {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder / "a.txt/mine");
  EXPECT_NE(refusal([&] { write_whole_file(folder / "a.txt", "text"); }), kNothingRefused);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.txt"});
  EXPECT_TRUE(std::filesystem::exists(folder / "a.txt/mine"));
}

TEST(MakeFolder, MakesThoseAroundItAndMindsNoneThatIsThere) {
  const ScratchFolder folder;
  make_folder(folder / "new/and/deep");
  make_folder(folder / "new/and/deep");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "new/and/deep"));
}

TEST(MakeFolder, NamesThePlaceWhereNoneCanBe) {
  const ScratchFolder folder;
  const auto file = folder.write("file", "text");
  const std::string report = refusal([&] { make_folder(file / "inside"); });
  EXPECT_NE(report.find((file / "inside").string()), std::string::npos) << report;
}

}  // namespace
}  // namespace weir
