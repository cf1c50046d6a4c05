#include "topology/cgroup_limits.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

CgroupLimits limits_in(const ScratchFolder& folder) {
  return CgroupLimits(folder.path() / "proc", folder.path() / "cgroup");
}

TEST(CgroupLimits, ReadsVersion2) {
  const ScratchFolder folder;
  folder.write("proc/self/cgroup", "0::/job/rank\n");
  folder.write("cgroup/job/rank/memory.max", "1000\n");
  folder.write("cgroup/job/rank/memory.current", "700\n");
  folder.write("cgroup/job/rank/memory.stat", "anon 400\ninactive_file 200\n");
  folder.write("cgroup/job/rank/cpu.max", "150000 100000\n");
  folder.write("cgroup/job/rank/cpu.stat",
               "usage_usec 5\nnr_periods 9\nnr_throttled 4\nthrottled_usec 2500\n");
  CgroupLimits limits = limits_in(folder);
  const auto memory = limits.memory();
  ASSERT_TRUE(memory.has_value());
  EXPECT_EQ(memory->limit_bytes, 1000U);
  EXPECT_EQ(memory->used_bytes, 500U);
  const auto cpu = limits.cpu();
  ASSERT_TRUE(cpu.has_value());
  EXPECT_EQ(cpu->quota_cores, 1.5);
  EXPECT_EQ(cpu->throttled_periods, 4U);
  EXPECT_EQ(cpu->throttled, 2500us);
}

TEST(CgroupLimits, TakesTheTightestLevelOfVersion2) {
  const ScratchFolder folder;
  folder.write("proc/self/cgroup", "0::/job/rank\n");
  folder.write("cgroup/job/rank/memory.max", "max\n");
  folder.write("cgroup/job/rank/memory.current", "10\n");
  folder.write("cgroup/job/memory.max", "900\n");
  folder.write("cgroup/job/memory.current", "850\n");
  folder.write("cgroup/job/memory.stat", "inactive_file 0\n");
  folder.write("cgroup/job/rank/cpu.max", "400000 100000\n");
  folder.write("cgroup/job/rank/cpu.stat", "nr_throttled 1\nthrottled_usec 1\n");
  folder.write("cgroup/job/cpu.max", "200000 100000\n");
  folder.write("cgroup/job/cpu.stat", "nr_throttled 7\nthrottled_usec 7\n");
  CgroupLimits limits = limits_in(folder);
  EXPECT_EQ(limits.memory()->limit_bytes, 900U);
  EXPECT_EQ(limits.memory()->used_bytes, 850U);
  EXPECT_EQ(limits.cpu()->quota_cores, 2.0);
  EXPECT_EQ(limits.cpu()->throttled_periods, 7U);
}

TEST(CgroupLimits, ReadsVersion1WithJoinedControllers) {
  const ScratchFolder folder;
  folder.write("proc/self/cgroup",
               "5:cpu,cpuacct:/job\n4:memory:/job\n3:cpuset:/job\n1:name=systemd:/x\n");
  folder.write("cgroup/memory/job/memory.limit_in_bytes", "4096\n");
  folder.write("cgroup/memory/job/memory.usage_in_bytes", "3000\n");
  folder.write("cgroup/memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 1000\n");
  folder.write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  folder.write("cgroup/memory/memory.usage_in_bytes", "5000\n");
  folder.write("cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n");
  folder.write("cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  folder.write("cgroup/cpu,cpuacct/job/cpu.stat",
               "nr_periods 3\nnr_throttled 2\nthrottled_time 1500000\n");
  folder.write("cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  folder.write("cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  CgroupLimits limits = limits_in(folder);
  EXPECT_EQ(limits.memory()->limit_bytes, 4096U);
  EXPECT_EQ(limits.memory()->used_bytes, 2000U);
  EXPECT_EQ(limits.cpu()->quota_cores, 0.5);
  EXPECT_EQ(limits.cpu()->throttled_periods, 2U);
  EXPECT_EQ(limits.cpu()->throttled, 1500us);
}

TEST(CgroupLimits, ReadsVersion2BesideVersion1) {
  const ScratchFolder folder;
  folder.write("proc/self/cgroup", "4:memory:/job\n0::/job\n");
  folder.write("cgroup/memory/job/memory.limit_in_bytes", "4096\n");
  folder.write("cgroup/memory/job/memory.usage_in_bytes", "96\n");
  folder.write("cgroup/unified/job/cpu.max", "300000 100000\n");
  folder.write("cgroup/unified/job/cpu.stat", "nr_throttled 0\nthrottled_usec 0\n");
  CgroupLimits limits = limits_in(folder);
  EXPECT_EQ(limits.memory()->limit_bytes, 4096U);
  EXPECT_EQ(limits.memory()->used_bytes, 96U);
  EXPECT_EQ(limits.cpu()->quota_cores, 3.0);
}

TEST(CgroupLimits, TakesTheRootWhereTheGroupIsNotVisible) {
  for (const char* group : {"/docker/0123abc", "/../..", "/"}) {
    const ScratchFolder folder;
    folder.write("proc/self/cgroup", std::string("0::") + group + "\n");
    folder.write("cgroup/memory.max", "777\n");
    folder.write("cgroup/memory.current", "7\n");
    EXPECT_EQ(limits_in(folder).memory()->limit_bytes, 777U) << group;
  }
}

TEST(CgroupLimits, TellsNoLimitFromNoAccounting) {
  const ScratchFolder folder;
  folder.write("proc/self/cgroup", "0::/\n");
  folder.write("cgroup/cpu.max", "max 100000\n");
  folder.write("cgroup/cpu.stat", "nr_throttled 0\nthrottled_usec 0\n");
  CgroupLimits limits = limits_in(folder);
  ASSERT_TRUE(limits.cpu().has_value());
  EXPECT_FALSE(limits.cpu()->quota_cores.has_value());
  EXPECT_FALSE(limits.memory().has_value());

  const ScratchFolder nothing;
  CgroupLimits absent = limits_in(nothing);
  EXPECT_FALSE(absent.cpu().has_value());
  EXPECT_FALSE(absent.memory().has_value());
}

TEST(CgroupLimits, SeesALimitThatChangesLater) {
  const ScratchFolder folder;
  folder.write("proc/self/cgroup", "0::/\n");
  folder.write("cgroup/memory.max", "max\n");
  folder.write("cgroup/memory.current", "10\n");
  CgroupLimits limits = limits_in(folder);
  EXPECT_FALSE(limits.memory().has_value());
  folder.write("cgroup/memory.max", "100\n");
  EXPECT_EQ(limits.memory()->limit_bytes, 100U);
}

TEST(CgroupLimits, IgnoresGarbage) {
  const ScratchFolder folder;
  folder.write("proc/self/cgroup", "nonsense\n0:\n:::::\n0::/\n");
  folder.write("cgroup/memory.max", "lots\n");
  folder.write("cgroup/memory.current", "");
  folder.write("cgroup/cpu.max", "100 0\n");
  CgroupLimits limits = limits_in(folder);
  EXPECT_FALSE(limits.memory().has_value());
  ASSERT_TRUE(limits.cpu().has_value());
  EXPECT_FALSE(limits.cpu()->quota_cores.has_value());
}

}  // namespace
}  // namespace weir
