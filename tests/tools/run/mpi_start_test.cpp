#include "tools/run/mpi_start.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

EnvironmentReader with(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  };
}

std::string refusal_with(std::map<std::string, std::string> variables) {
  return refusal([&] { check_mpi_start(with(std::move(variables))); });
}

TEST(SessionFolder, IsWhereOpenMpiLooks) {
  EXPECT_EQ(session_folder(with({})), "/tmp");
  EXPECT_EQ(session_folder(with({{"TMP", "/a"}, {"TEMP", "/b"}})), "/b");
  EXPECT_EQ(session_folder(with({{"TMP", "/a"}, {"TMPDIR", "/c"}})), "/c");
  EXPECT_EQ(session_folder(with({{"TMPDIR", "/c"}, {"OMPI_MCA_orte_tmpdir_base", "/d"}})), "/d");
}

TEST(SessionFolder, MayBeMissingInAFolderThatCanBeWrittenTo) {
  const ScratchFolder scratch;
  EXPECT_EQ(refusal_with({{"TMPDIR", (scratch / "new/er").string()}}), kNothingRefused);
}

TEST(SessionFolder, IsRefusedWhereNothingCanBeWritten) {
  const ScratchFolder scratch;
  const auto file = scratch.write("file", "");
  const std::string of_file = refusal_with({{"TMPDIR", file.string()}});
  EXPECT_NE(of_file.find("not a folder"), std::string::npos) << of_file;
  // Of a file system that nobody writes to, not even root.
  const std::string of_proc = refusal_with({{"TMPDIR", "/proc/fs"}});
  EXPECT_NE(of_proc.find("TMPDIR=FOLDER"), std::string::npos) << of_proc;
}

TEST(SessionFolder, IsNoConcernOfARankThatWasStarted) {
  EXPECT_EQ(refusal_with({{"TMPDIR", "/proc/fs"}, {"OMPI_COMM_WORLD_SIZE", "2"}}), kNothingRefused);
}

TEST(MpiStart, IsRefusedToOneOfSeveralThatThisMpiKnowsNothingOf) {
  const std::string mpich = refusal_with({{"PMI_SIZE", "3"}});
  EXPECT_NE(mpich.find("weir launch -n 3"), std::string::npos) << mpich;
  EXPECT_NE(refusal_with({{"SLURM_STEP_NUM_TASKS", "2"}}), kNothingRefused);
  EXPECT_EQ(refusal_with({{"SLURM_STEP_NUM_TASKS", "1"}}), kNothingRefused);
  EXPECT_EQ(refusal_with({{"SLURM_STEP_NUM_TASKS", "2"}, {"PMIX_NAMESPACE", "slurm.pmix.1.0"}}),
            kNothingRefused);
}

}  // namespace
}  // namespace weir
