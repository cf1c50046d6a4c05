#include "runtime/process/program_path.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

namespace fs = std::filesystem;

fs::path program(const ScratchFolder& folder, const std::string& name) {
  const fs::path file = folder.write(name, "#!/bin/sh\n");
  fs::permissions(file, fs::perms::owner_all);
  return file;
}

TEST(ProgramPath, IsTheFirstThatCanBeRun) {
  const ScratchFolder folder;
  fs::create_directories(folder / "a/tool");  // A folder is no program.
  folder.write("b/tool", "text");             // May not be run.
  const fs::path third = program(folder, "c/tool");
  program(folder, "d/tool");
  const std::string path = (folder / "a").string() + ":" + (folder / "b").string() + ":" +
                           (folder / "c").string() + ":" + (folder / "d").string();
  EXPECT_EQ(find_program("tool", path).file, third.string());
}

TEST(ProgramPath, WithASlashIsTakenAsItIs) {
  EXPECT_EQ(find_program("./tool", "/bin").file, "./tool");
}

TEST(ProgramPath, SaysWhyThereIsNone) {
  const ScratchFolder folder;
  folder.write("a/tool", "text");
  EXPECT_EQ(find_program("tool", (folder / "a").string()).error, EACCES);
  EXPECT_EQ(find_program("absent", (folder / "a").string()).error, ENOENT);
  EXPECT_EQ(find_program("", "/bin").error, ENOENT);
}

TEST(ProgramPath, WithoutAPathIsLookedForWhereSystemsHaveIt) {
  EXPECT_EQ(find_program("sh", "").file, "/bin/sh");
}

}  // namespace
}  // namespace weir
