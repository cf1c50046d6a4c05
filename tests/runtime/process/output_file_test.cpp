#include "runtime/process/output_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string_view>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

void write_to(OutputFile& file, std::string_view text) {
  ASSERT_EQ(::write(file.descriptor(), text.data(), text.size()), text.size());
}

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(OutputFile, GivesWhatWasWrittenSinceItWasTaken) {
  const ScratchFolder folder;
  OutputFile file(folder.path());
  EXPECT_EQ(file.take(10, "kept").total, 0);
  for (const char* text : {"first", "2nd"}) {
    write_to(file, text);
    const ChildOutput output = file.take(10, "kept");
    EXPECT_EQ(text_of(output.head), text);
    EXPECT_EQ(output.total, std::string_view(text).size());
    EXPECT_EQ(output.kept_file, "");
  }
  EXPECT_TRUE(folder.names().empty());
}

TEST(OutputFile, KeepsWhatIsTooLongUnderTheName) {
  const ScratchFolder folder;
  OutputFile file(folder.path());
  write_to(file, "0123456789x");
  const ChildOutput output = file.take(10, "kept");
  EXPECT_EQ(text_of(output.head), "0123456789");
  EXPECT_EQ(output.total, 11);
  EXPECT_EQ(output.kept_file, (folder / "kept").string());
  EXPECT_EQ(text_of_file(output.kept_file), "0123456789x");
}

TEST(OutputFile, SaysSoWhereTheNameIsTaken) {
  const ScratchFolder folder;
  folder.write("kept", "of somebody else");
  OutputFile file(folder.path());
  write_to(file, "too long");
  const ChildOutput output = file.take(3, "kept");
  EXPECT_EQ(output.total, 8);
  EXPECT_EQ(output.kept_file, "");
  EXPECT_EQ(text_of_file(folder / "kept"), "of somebody else");
}

TEST(OutputFile, IsNotSharedWithWhoeverWroteToItBefore) {
  const ScratchFolder folder;
  OutputFile file(folder.path());
  const int daemon = ::dup(file.descriptor());
  write_to(file, "of the first");
  file.take(100, "kept");
  ASSERT_EQ(::write(daemon, "late", 4), 4);
  ::close(daemon);
  write_to(file, "of the second");
  EXPECT_EQ(text_of(file.take(100, "kept").head), "of the second");
}

TEST(OutputFile, IsRefusedAFolderThatIsGone) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "gone");
  OutputFile file(folder / "gone");
  write_to(file, "x");
  std::filesystem::remove_all(folder / "gone");
  EXPECT_EQ(file.take(10, "kept").total, 1);
  EXPECT_NE(refusal([&file] { file.descriptor(); }).find("No such file"), std::string::npos);
}

TEST(OutputFile, IsRefusedAFolderThatTakesNone) {
  EXPECT_NE(refusal([] { OutputFile("/no/such/folder"); }).find("TMPDIR"), std::string::npos);
}

}  // namespace
}  // namespace weir
