#include "runtime/policy/policy_parameters.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

constexpr std::array kParameters{PolicyParameter{"weight", .5, 0, 4, "how much"},
                                 PolicyParameter{"count", 2, 2, 16, "how many", true}};

ParameterValues values_of(const std::vector<PolicySetting>& settings) {
  return {"rule", kParameters, settings};
}

std::string refusal_of(const std::vector<PolicySetting>& settings) {
  return refusal([&] { values_of(settings); });
}

TEST(ParameterValues, AreTheGivenOnesAndStandardElse) {
  const ParameterValues values = values_of({{"count", "16"}});
  EXPECT_EQ(values["count"], 16);
  EXPECT_EQ(values["weight"], .5);
  EXPECT_EQ(values_of({{"weight", "2.5e-1"}})["weight"], .25);
}

TEST(ParameterValues, RefuseAKeyThatThePolicyDoesNotHave) {
  EXPECT_EQ(refusal_of({{"wieght", "1"}}),
            "policy 'rule' has no parameter 'wieght'\n"
            "  found   'wieght'\n"
            "  needed  one of: weight, count\n"
            "  try     rule:weight=0.5");
  EXPECT_NE(refusal_of({{"zzz", "1"}}).find("`weir policies`"), std::string::npos);
}

TEST(ParameterValues, RefuseWhatIsOutOfRangeNoNumberOrNotWhole) {
  EXPECT_EQ(refusal_of({{"weight", "4.1"}}),
            "parameter 'weight' of policy 'rule' cannot have this value\n"
            "  found   '4.1'\n"
            "  needed  a number from 0 to 4\n"
            "  try     rule:weight=0.5");
  for (const std::string_view value : {"-0.1", "x", "1x", "nan", "inf", "1e999", " 1", "+1"}) {
    EXPECT_NE(refusal_of({{"weight", value}}), kNothingRefused) << value;
  }
  EXPECT_NE(refusal_of({{"count", "2.5"}}).find("a whole number from 2 to 16"), std::string::npos);
}

TEST(ParameterValues, RefuseAKeyGivenTwice) {
  EXPECT_NE(refusal_of({{"count", "3"}, {"count", "3"}}).find("given twice"), std::string::npos);
}

TEST(ParameterValuesDeathTest, KnowOnlyTheListedParameters) {
  EXPECT_DEATH(values_of({})["width"], "a rule asks for a parameter that it does not list");
}

}  // namespace
}  // namespace weir
