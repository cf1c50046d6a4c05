#include "topology/synthetic.hpp"

#include <gtest/gtest.h>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

TEST(Synthetic, BuildsTheDescribedMachine) {
  const Machine machine = synthetic_machine("package:2 numa:2(memory=64GB) l3:1 core:8 pu:2");
  EXPECT_EQ(machine.packages.size(), 2U);
  EXPECT_EQ(machine.numa.size(), 4U);
  EXPECT_EQ(machine.numa[3].memory_bytes, 64'000'000'000U);
  EXPECT_EQ(machine.numa[3].package, 1);
  EXPECT_EQ(machine.cores.size(), 32U);
  EXPECT_EQ(machine.cores[31].cpuset.to_string(), "62-63");
  EXPECT_EQ(machine.pus.size(), 64U);
  EXPECT_EQ(machine.allowed.to_string(), "0-63");
  EXPECT_EQ(machine.host, "synthetic");
}

TEST(Synthetic, TakesTheShortForms) {
  EXPECT_EQ(synthetic_machine("node:2 core:8 pu:2").numa.size(), 2U);
  EXPECT_EQ(synthetic_machine("node:2 core:8").pus.size(), 16U);
  EXPECT_EQ(synthetic_machine("socket:2 core:4").packages.size(), 2U);
  EXPECT_EQ(synthetic_machine("pack:1 [numa] core:2").cores.size(), 2U);
}

TEST(Synthetic, MakesEveryPuACoreWhenNoCoreIsNamed) {
  const Machine machine = synthetic_machine("pu:4");
  EXPECT_EQ(machine.cores.size(), 4U);
  EXPECT_EQ(machine.packages.size(), 1U);
  EXPECT_EQ(machine.packages[0].cpuset.to_string(), "0-3");
}

TEST(Synthetic, RefusesWhatIsNoMachine) {
  for (const char* text :
       {"", "  ", "core", "core:", "core:0", "core:-2", "core:2 foo:3", "pu:2 core:2", "core:x",
        "core:2,pu:2", "(", "core:99999999999999999999"}) {
    EXPECT_THROW(synthetic_machine(text), Error) << text;
  }
}

TEST(Synthetic, RefusesMoreThan65536PusBeforeBuildingThem) {
  EXPECT_THROW(synthetic_machine("core:1000000 pu:10000000"), Error);
  EXPECT_THROW(synthetic_machine("package:65536 core:65536 pu:65536"), Error);
}

}  // namespace
}  // namespace weir
