#include "jobs/streams/load_profile.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

TEST(LoadProfile, ChangesNothingUnlessToldTo) {
  const LoadProfile profile;
  EXPECT_EQ(profile.nominal_s(7), 7);
  EXPECT_EQ(profile.time_s(7), 7);
}

TEST(LoadProfile, HoldsAFactorUntilTheNextStep) {
  const LoadProfile profile = LoadProfile::parse("0s:0.5,2min:2");
  EXPECT_DOUBLE_EQ(profile.nominal_s(120), 60);
  EXPECT_DOUBLE_EQ(profile.nominal_s(130), 80);
  EXPECT_DOUBLE_EQ(profile.time_s(60), 120);
  EXPECT_DOUBLE_EQ(profile.time_s(62), 121);
}

TEST(LoadProfile, FollowsStraightLines) {
  const LoadProfile profile = LoadProfile::parse("0:0..10s:2..20s:1,1h:3");
  EXPECT_DOUBLE_EQ(profile.nominal_s(5), 2.5);
  EXPECT_DOUBLE_EQ(profile.nominal_s(10), 10);
  EXPECT_DOUBLE_EQ(profile.nominal_s(20), 25);
  EXPECT_DOUBLE_EQ(profile.nominal_s(21), 26);
  for (const double time : {0.0, 1e-6, 3.0, 10.0, 14.0, 20.0, 500.0, 3601.0}) {
    EXPECT_NEAR(profile.time_s(profile.nominal_s(time)), time, 1e-9 * (1 + time));
  }
}

TEST(LoadProfile, PassesOverTimesWithoutLoad) {
  const LoadProfile pause = LoadProfile::parse("0s:1,10s:0,30s:1");
  EXPECT_DOUBLE_EQ(pause.nominal_s(25), 10);
  EXPECT_DOUBLE_EQ(pause.time_s(10), 10);
  EXPECT_DOUBLE_EQ(pause.time_s(11), 31);
  const LoadProfile end = LoadProfile::parse("0s:1,10s:0");
  EXPECT_EQ(end.time_s(10.5), INFINITY);
}

std::string refusal_of(const char* text) {
  return refusal([&] { LoadProfile::parse(text); });
}

TEST(LoadProfile, RefusesWhatIsNoProfile) {
  EXPECT_NE(refusal_of("0s:1,20s:2,10s:1").find("goes back in time"), std::string::npos);
  EXPECT_NE(refusal_of("0s:1,20s:2,20s:1").find("goes back in time"), std::string::npos);
  EXPECT_NE(refusal_of("5s:1").find("first point at 0s"), std::string::npos);
  EXPECT_NE(refusal_of("0s:0,9s:0").find("no load"), std::string::npos);
  for (const char* text :
       {"", "0.9", "0s", "0s:", ":1", "0s:-1", "-1s:1", "0s:1,", "0s:1..", "0s:nan", "0s:1e9",
        "0d:1", "0s:1x", "nan:1", "0s:1;10s:2", "0s:1,1e300:2"}) {
    EXPECT_NE(refusal_of(text).find("TIME:FACTOR"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace weir
