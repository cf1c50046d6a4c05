#include "runtime/exec/node_speed.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

NodeSpeed speed_of(const std::string& spec, int node = 0, std::uint64_t seed = 1) {
  return {EmulationSpec::parse(spec), node, seed};
}

TEST(NodeSpeed, IsTheNominalOneWhereNothingChangesIt) {
  NodeSpeed speed = speed_of("nodes=8x1.25");
  EXPECT_EQ(speed.at(Instant(5s)), 1.25);
  EXPECT_EQ(speed.next_change(), kNever);
}

TEST(NodeSpeed, StepsAtItsSecondAndOnlyForItsType) {
  NodeSpeed other = speed_of("nodes=8x2,4x1;speed_step=1x0.5@3,1x1@4.5", 0);
  EXPECT_EQ(other.next_change(), kNever);
  NodeSpeed speed = speed_of("nodes=8x2,4x1;speed_step=1x1@4.5,1x0.5@3", 1);
  EXPECT_EQ(speed.at(Instant(3s - 1ns)), 1);
  EXPECT_EQ(speed.next_change(), Instant(3s));
  EXPECT_EQ(speed.at(Instant(3s)), 0.5);
  EXPECT_EQ(speed.next_change(), Instant(4500ms));
  EXPECT_EQ(speed.at(Instant(100s)), 1);
}

TEST(NodeSpeed, AnnouncesEveryChangeOfItsDrift) {
  const char* const spec = "nodes=8x2;drift_speed=0.25;drift_good_s=0.02;drift_slow_s=0.01";
  NodeSpeed asked_often = speed_of(spec);
  NodeSpeed asked_when_told = speed_of(spec);
  double known = asked_when_told.at(Instant{});
  int changes = 0;
  for (Instant now{}; now < Instant(2s); now += 10us) {
    while (asked_when_told.next_change() <= now) {
      known = asked_when_told.at(asked_when_told.next_change());
      ++changes;
    }
    ASSERT_EQ(asked_often.at(now), known);
    ASSERT_TRUE(known == 2 || known == 0.5);
  }
  EXPECT_NEAR(changes, 2 / 0.015, 60);
}

}  // namespace
}  // namespace weir
