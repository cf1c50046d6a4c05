#include "tools/experiment/rule_explanation.hpp"

#include <gtest/gtest.h>

#include "runtime/catalogue/policy_registry.hpp"
#include "tests/support/refusal.hpp"

namespace weir {
namespace {

TEST(RuleExplanation, IsThereForEveryRuleOfTheCatalogue) {
  for (const PolicyInfo& info : policy_catalogue()) {
    const auto rule = explanation_of(info.name);
    ASSERT_TRUE(rule) << info.name;
    EXPECT_NE(rule->text, "") << info.name;
    EXPECT_FALSE(rule->quantities.empty() && rule->not_recorded.empty())
        << info.name << " says neither what it compares nor what else decides";
  }
  EXPECT_TRUE(explanation_of("oracle"));
  EXPECT_FALSE(explanation_of("no_such_rule"));
}

TEST(RuleExplanation, SaysThatIdleNodesTakeTasksBesides) {
  const auto rule = explanation_of("least_outstanding:speeds=1+work_stealing");
  ASSERT_TRUE(rule);
  EXPECT_NE(rule->text.find("idle nodes take tasks"), std::string::npos) << rule->text;
  EXPECT_EQ(rule->quantities.front().text, "(own + 1) x 1/measured speed/cores");
}

TEST(RuleExplanation, RefusesParametersThatTheRuleDoesNotHave) {
  const std::string report = refusal([] { explanation_of("random:d=2"); });
  EXPECT_NE(report.find("no parameter 'd'"), std::string::npos) << report;
}

// How a choice is found again from a record is in explain_command_test.cpp.
TEST(RuleExplanation, CountsWhatTheParametersSay) {
  RecordedPlacement placement;
  RecordedNode node;
  node.view.own_in_flight = 3;
  node.view.cores = 2;
  node.measured_speed = 4;
  const auto by_nominal = explanation_of("least_outstanding:speeds=0");
  const auto by_measured = explanation_of("least_outstanding:speeds=1");
  ASSERT_TRUE(by_nominal && by_measured);
  EXPECT_DOUBLE_EQ(by_nominal->quantities.front().of(placement, node), 2);
  EXPECT_DOUBLE_EQ(by_measured->quantities.front().of(placement, node), 0.5);
}

}  // namespace
}  // namespace weir
