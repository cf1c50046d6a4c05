#include "runtime/exec/emulation_spec.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

TEST(EmulationSpec, Paper50HasTheCapacityOfItsTable) {
  const auto spec = EmulationSpec::parse("paper50");
  EXPECT_EQ(spec.node_count(), 50);
  std::vector<int> all(50);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_NEAR(spec.capacity_per_s(all), 14000, 0.1);
  EXPECT_EQ(spec.size.distribution, SizeDistribution::kExponential);
  EXPECT_EQ(spec.drift.speed, 1);
  EXPECT_EQ(spec.interference.beta, 0);
}

TEST(EmulationSpec, Paper50GivesEveryClusterTheSameMixInRankOrder) {
  const auto spec = EmulationSpec::parse("paper50");
  for (int cluster = 0; cluster < 5; ++cluster) {
    for (int place = 0; place < 10; ++place) {
      const std::size_t expected = place < 4 ? 0 : place < 8 ? 1 : 2;
      EXPECT_EQ(spec.type_of(10 * cluster + place), expected);
    }
  }
}

TEST(EmulationSpec, RepeatsItsNodesForFurtherRanks) {
  const auto spec = EmulationSpec::parse("nodes=2x1*2,4x1");
  EXPECT_EQ(spec.node_count(), 3);
  EXPECT_EQ(spec.type_of(2), 1U);
  EXPECT_EQ(spec.type_of(3), 0U);
  EXPECT_EQ(spec.type_of(5), 1U);
  EXPECT_DOUBLE_EQ(spec.capacity_per_s(std::vector{0, 1, 2, 3}),
                   (2 + 2 + 4 + 2) / spec.mean_work_s);
  EXPECT_DOUBLE_EQ(spec.capacity_per_s(std::vector{1, 2}), (2 + 4) / spec.mean_work_s);
}

TEST(EmulationSpec, ReadsEveryKey) {
  const auto spec = EmulationSpec::parse(
      "nodes=24x0.9*20,32x1*20;clusters=2;work_ms=2.5;size=bounded_pareto;size_alpha=1.1;"
      "size_ratio=50;affinity=1/2,0.5/1;drift_speed=0.25;drift_good_s=3;drift_slow_s=4;"
      "interference_beta=2;interference_classes=1/"
      "4;interference_share=0.5;interference_model=continuous;memory_domains=8;"
      "speed_step=1x0.5@120,0x2@3;slack_ms=5");
  ASSERT_EQ(spec.types.size(), 2U);
  EXPECT_EQ(spec.types[0].cores, 24);
  EXPECT_DOUBLE_EQ(spec.types[0].speed, 0.9);
  EXPECT_EQ(spec.types[0].count, 20);
  EXPECT_EQ(spec.cluster_count, 2);
  EXPECT_DOUBLE_EQ(spec.mean_work_s, 0.0025);
  EXPECT_EQ(spec.size.distribution, SizeDistribution::kBoundedPareto);
  EXPECT_DOUBLE_EQ(spec.size.alpha, 1.1);
  EXPECT_DOUBLE_EQ(spec.size.ratio, 50);
  EXPECT_DOUBLE_EQ(spec.slow_down(ClassId(1), 0), 0.5);
  EXPECT_DOUBLE_EQ(spec.slow_down(ClassId(0), 1), 2);
  EXPECT_DOUBLE_EQ(spec.slow_down(ClassId(7), 1), 1);
  EXPECT_DOUBLE_EQ(spec.drift.speed, 0.25);
  EXPECT_DOUBLE_EQ(spec.drift.mean_good_s, 3);
  EXPECT_DOUBLE_EQ(spec.drift.mean_slow_s, 4);
  EXPECT_DOUBLE_EQ(spec.interference.beta, 2);
  EXPECT_DOUBLE_EQ(spec.interference.share, 0.5);
  EXPECT_TRUE(spec.interference.hungry[4]);
  EXPECT_FALSE(spec.interference.hungry[2]);
  EXPECT_EQ(spec.interference_model, InterferenceModel::kContinuous);
  EXPECT_EQ(spec.memory_domains, 8);
  ASSERT_EQ(spec.speed_steps.size(), 2U);
  EXPECT_EQ(spec.speed_steps[0].at_s, 3);
  EXPECT_EQ(spec.speed_steps[1].type, 1U);
  EXPECT_EQ(spec.speed_steps[1].factor, 0.5);
  EXPECT_EQ(spec.timer_slack(), std::chrono::milliseconds(5));
}

TEST(EmulationSpec, KnowsTheNamesOfItsKeys) {
  EXPECT_TRUE(EmulationSpec::is_key("work_ms"));
  EXPECT_FALSE(EmulationSpec::is_key("load"));
}

TEST(EmulationSpec, NoticesEndsAHundredthOfTheWorkLateAndAtMostAMillisecond) {
  EXPECT_EQ(EmulationSpec::parse("nodes=8x1;work_ms=20").timer_slack(),
            std::chrono::microseconds(200));
  EXPECT_EQ(EmulationSpec::parse("nodes=8x1;work_ms=2000").timer_slack(),
            std::chrono::milliseconds(1));
}

TEST(EmulationSpec, ReadsTheKeyOfAHyperexponentialSize) {
  EXPECT_DOUBLE_EQ(EmulationSpec::parse("nodes=1x1;size=hyperexponential;size_c2=3").size.c2, 3);
}

TEST(EmulationSpec, LetsKeysChangeAPreset) {
  const auto spec = EmulationSpec::parse("paper50;work_ms=10;size=deterministic");
  EXPECT_EQ(spec.node_count(), 50);
  EXPECT_DOUBLE_EQ(spec.mean_work_s, 0.01);
  EXPECT_EQ(spec.size.distribution, SizeDistribution::kDeterministic);
}

struct BadSpec {
  const char* text;
  const char* report_names;
};

class BadEmulationSpecTest : public testing::TestWithParam<BadSpec> {};

TEST_P(BadEmulationSpecTest, IsRefusedWithAReportThatNamesIt) {
  try {
    EmulationSpec::parse(GetParam().text);
    FAIL() << GetParam().text << " was accepted";
  } catch (const Error& error) {
    EXPECT_NE(error.report().find(GetParam().report_names), std::string::npos) << error.report();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, BadEmulationSpecTest,
    testing::Values(
        BadSpec{"", "no nodes"}, BadSpec{"paper51", "\"paper51\""},
        BadSpec{"work_ms=3", "no nodes"}, BadSpec{"nodes=", "CORESxSPEED*COUNT"},
        BadSpec{"nodes=8", "\"8\""}, BadSpec{"nodes=0x1", "\"0x1\""},
        BadSpec{"nodes=8x-1", "\"8x-1\""}, BadSpec{"nodes=8xnan", "\"8xnan\""},
        BadSpec{"nodes=8x1*0", "\"8x1*0\""}, BadSpec{"nodes=8*2x1", "\"8*2x1\""},
        BadSpec{"nodes=8x1*2,", "\"\""}, BadSpec{"nodes=99999999999x1", "cores"},
        BadSpec{"nodes=8x1;nodes=4x1", "comes twice"}, BadSpec{"nodes=8x1;", "an item"},
        BadSpec{"nodes=8x1;speed=2", "\"speed=2\""}, BadSpec{"nodes=8x1*3;clusters=2", "divide"},
        BadSpec{"nodes=8x1;clusters=0", "whole number"},
        BadSpec{"nodes=8x1;work_ms=0", "from 0.000001 to 1000000000"},
        BadSpec{"nodes=8x1;work_ms=1e300", "from 0.000001 to 1000000000"},
        BadSpec{"nodes=8x1e300", "a speed from 0.000001 to 1000000"},
        BadSpec{"nodes=8x1e-300", "a speed from 0.000001 to 1000000"},
        BadSpec{"nodes=8x1*1000000,8x1*1000000", "2000000 of all types"},
        BadSpec{"nodes=8x1;work_ms=5s", "\"5s\""}, BadSpec{"nodes=8x1;slack_ms=-1", "0 to 1000"},
        BadSpec{"nodes=8x1;size=normal", "hyperexponential"},
        BadSpec{"nodes=8x1;size_c2=1", "above 1"}, BadSpec{"nodes=8x1;size_ratio=1", "above 1"},
        BadSpec{"nodes=8x1;affinity=1/2", "one for each node type"},
        BadSpec{"nodes=8x1;affinity=0", "from 0.000001"},
        BadSpec{"nodes=8x1;affinity=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "16 classes"},
        BadSpec{"nodes=8x1;drift_speed=1.5", "to 1"},
        BadSpec{"nodes=8x1;drift_slow_s=-7", "from 0.001 to"},
        BadSpec{"nodes=8x1;interference_beta=1", "memory-hungry"},
        BadSpec{"nodes=8x1;interference_classes=16", "0 to 15"},
        BadSpec{"nodes=8x1;interference_share=0", "from 0.000001 to 1"},
        BadSpec{"nodes=8x1;interference_beta=1;interference_classes=1;memory_domains=0",
                "from 1 to 64"},
        BadSpec{"nodes=8x1,4x1;interference_beta=1;interference_classes=1;memory_domains=5",
                "5 domains for 4 cores"},
        BadSpec{"nodes=8x1;memory_domains=2", "memory_domains without"},
        BadSpec{"nodes=8x1;size_c2=3", "size_c2 without size=hyperexponential"},
        BadSpec{"nodes=8x1;size_alpha=2", "size_alpha without size=bounded_pareto"},
        BadSpec{"nodes=8x1;drift_slow_s=2", "drift_slow_s without"},
        BadSpec{"nodes=8x1;interference_share=0.3", "interference_share without"},
        BadSpec{"nodes=8x1;interference_model=continuous", "interference_model without"},
        BadSpec{"nodes=8x1;drift_speed=0.5;interference_model=now", "at_start or continuous"},
        BadSpec{"nodes=8x1;speed_step=0x0.5", "TYPExFACTOR@SECOND"},
        BadSpec{"nodes=8x1;speed_step=0x0@5", "a factor from 0.000001"},
        BadSpec{"nodes=8x1;speed_step=0x1@-5", "a second from 0 to"},
        BadSpec{"nodes=8x1;speed_step=1x1@5", "0 to 0, in the order of nodes="}));

}  // namespace
}  // namespace weir
