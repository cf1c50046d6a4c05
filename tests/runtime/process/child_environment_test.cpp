#include "runtime/process/child_environment.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(ChildEnvironment, LosesWhatTellsARankWhichOneItIs) {
  for (const char* name :
       {"OMPI_COMM_WORLD_RANK", "OMPI_MCA_orte_ess_jobid", "PMIX_RANK", "PMI_RANK", "PRTE_LAUNCHED",
        "MPI_LOCALRANKID", "MV2_COMM_WORLD_RANK", "HYDI_CONTROL_FD", "SLURM_PROCID",
        "SLURM_STEP_ID", "SLURM_STEPID", "SLURM_SRUN_COMM_HOST", "WEIR_TERMINAL_COLUMNS"}) {
    EXPECT_TRUE(is_launch_variable(name)) << name;
  }
}

TEST(ChildEnvironment, KeepsWhatAPersonOrTheJobHasSet) {
  for (const char* name :
       {"PATH", "HOME", "OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "SLURM_JOB_ID",
        "SLURM_JOB_NODELIST", "WEIR_POLICY", "PMIXED", "MPI"}) {
    EXPECT_FALSE(is_launch_variable(name)) << name;
  }
}

TEST(ChildEnvironment, KeepsTheOthersInTheirOrder) {
  const std::vector<std::string> all{"B=2", "PMIX_RANK=0", "A=1=1", "EMPTY="};
  EXPECT_EQ(without_launch_variables(all), (std::vector<std::string>{"B=2", "A=1=1", "EMPTY="}));
}

TEST(ChildEnvironment, FindsValuesByTheWholeName) {
  const std::vector<std::string> all{"PATHS=no", "PATH=/bin=x", "EMPTY="};
  EXPECT_EQ(value_in(all, "PATH"), "/bin=x");
  EXPECT_EQ(value_in(all, "EMPTY"), "");
  EXPECT_EQ(value_in(all, "ABSENT"), "");
}

TEST(ChildEnvironment, IsThatOfTheProcessToBeginWith) {
  ::setenv("WEIR_TEST_OWN", "seen", 1);
  EXPECT_EQ(value_in(own_environment(), "WEIR_TEST_OWN"), "seen");
}

}  // namespace
}  // namespace weir
