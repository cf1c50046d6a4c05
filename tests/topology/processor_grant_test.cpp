#include "topology/processor_grant.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace weir {
namespace {

std::optional<ProcessorGrant> grant_of(const std::map<std::string, std::string>& variables) {
  return processor_grant([&variables](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  });
}

TEST(ProcessorGrant, IsWhatTheJobHasOnThisNode) {
  const auto grant = grant_of(
      {{"SLURMD_NODENAME", "n3"}, {"SLURM_CPUS_ON_NODE", "6"}, {"SLURM_CPUS_PER_TASK", "2"}});
  ASSERT_TRUE(grant.has_value());
  EXPECT_EQ(grant->node, "n3");
  EXPECT_EQ(grant->processors, 6);
}

TEST(ProcessorGrant, IsWhatATaskHasWhereTheNodeIsNotTold) {
  const auto grant = grant_of({{"SLURMD_NODENAME", "n3"}, {"SLURM_CPUS_PER_TASK", "2"}});
  ASSERT_TRUE(grant.has_value());
  EXPECT_EQ(grant->processors, 2);
}

TEST(ProcessorGrant, IsNothingOutsideTheNodesOfAJob) {
  EXPECT_FALSE(grant_of({}).has_value());
  EXPECT_FALSE(grant_of({{"SLURM_CPUS_ON_NODE", "6"}}).has_value());
}

TEST(ProcessorGrant, IsNothingWhereNoNumberIsTold) {
  for (const char* text : {"", "0", "-1", "2x", "99999999999", "1000001"}) {
    EXPECT_FALSE(grant_of({{"SLURMD_NODENAME", "n3"}, {"SLURM_CPUS_ON_NODE", text}}).has_value())
        << text;
  }
}

TEST(ProcessorGrant, IsDividedEvenlyAmongTheRanksOfANode) {
  EXPECT_EQ(part_of_grant(7, 3, 0), 3);
  EXPECT_EQ(part_of_grant(7, 3, 1), 2);
  EXPECT_EQ(part_of_grant(7, 3, 2), 2);
}

TEST(ProcessorGrant, IsOneForEachRankAtLeast) { EXPECT_EQ(part_of_grant(2, 4, 3), 1); }

}  // namespace
}  // namespace weir
