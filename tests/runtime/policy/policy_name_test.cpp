#include "runtime/policy/policy_name.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

std::string refusal_of(std::string_view text) {
  return refusal([&] { parse_policy_name(text); });
}

TEST(PolicyName, IsANameAloneOrWithStealing) {
  const PolicyName alone = parse_policy_name("random");
  EXPECT_EQ(alone.placing, "random");
  EXPECT_TRUE(alone.settings.empty());
  EXPECT_FALSE(alone.steals_besides);

  const PolicyName stealing = parse_policy_name("random+work_stealing");
  EXPECT_EQ(stealing.placing, "random");
  EXPECT_TRUE(stealing.steals_besides);
}

TEST(PolicyName, HasItsSettingsBetweenTheColonAndTheStealing) {
  const PolicyName name = parse_policy_name("power_of_two:d=3,own_weight=1e-2+work_stealing");
  EXPECT_EQ(name.placing, "power_of_two");
  EXPECT_TRUE(name.steals_besides);
  ASSERT_EQ(name.settings.size(), 2U);
  EXPECT_EQ(name.settings[0].key, "d");
  EXPECT_EQ(name.settings[0].value, "3");
  EXPECT_EQ(name.settings[1].key, "own_weight");
  EXPECT_EQ(name.settings[1].value, "1e-2");
}

TEST(PolicyName, RefusesASettingWithoutNameOrValue) {
  for (const std::string_view text : {"random:", "random:d", "random:d=", "random:=2",
                                      "random:d=2,", "random:,d=2", "random:+work_stealing"}) {
    EXPECT_NE(refusal_of(text).find("a parameter of policy 'random' has no name or no value"),
              std::string::npos)
        << text;
  }
}

}  // namespace
}  // namespace weir
