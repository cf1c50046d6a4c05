#include "tools/exec/job_log.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/tools/exec/command_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(JobLog, HasTheColumnsOfParallel) {
  const ScratchFolder folder;
  JobLog log(folder / "log");
  CommandEnd end = end_with("12345");
  end.started_at_s = 1795904253.63;
  end.took = 1408ms;
  end.child.exit_code = 3;
  log.add(12, "node1", end, "echo \"a\tb\"");
  end.child = {.signal = 15, .ended_by = EndedBy::kTimeLimit};
  log.add(13, "node2", end, "two\nlines");
  EXPECT_EQ(log.close(), 0);
  EXPECT_EQ(text_of_file(folder / "log"),
            "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"
            "12\tnode1\t1795904253.630\t     1.408\t0\t5\t3\t0\techo \"a\tb\"\n"
            "13\tnode2\t1795904253.630\t     1.408\t0\t5\t-1\t15\ttwo\\nlines\n");
}

TEST(JobLog, SaysWhenThereIsNoRoom) {
  const ScratchFolder folder;
  JobLog log("/dev/full");
  EXPECT_EQ(log.close(), ENOSPC);
}

TEST(JobLog, IsRefusedWhereNoFileCanBe) {
  EXPECT_NE(refusal([] { JobLog("/no/such/folder/log"); }).find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace weir
