#include "tools/command/installed_file.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

class InstalledFile : public testing::Test {
 protected:
  std::filesystem::path found(const std::filesystem::path& path) const {
    return installed_file(path, prefix_ / "bin/weir");
  }

  ScratchFolder prefix_;
  const std::filesystem::path shared_ =
      prefix_.write("share/weir/jobs/scenarios/only_installed.ini", "x");
};

TEST_F(InstalledFile, IsMeantByAPathAtWhichThereIsNothing) {
  EXPECT_EQ(found("jobs/scenarios/only_installed.ini"), shared_);
}

TEST_F(InstalledFile, IsNotMeantByThePathOfAFile) {
  EXPECT_EQ(found("/proc/self/maps"), "/proc/self/maps");
  EXPECT_EQ(found("/jobs/scenarios/only_installed.ini"), "/jobs/scenarios/only_installed.ini");
}

TEST_F(InstalledFile, IsNotMeantByWhatWasNeverInstalled) {
  EXPECT_EQ(found("jobs/scenarios/not_installed.ini"), "jobs/scenarios/not_installed.ini");
  EXPECT_EQ(found(""), "");
}

}  // namespace
}  // namespace weir
