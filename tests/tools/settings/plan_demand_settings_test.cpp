#include "tools/settings/plan_demand_settings.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {
namespace {

RunOptions parsed(std::vector<std::string> arguments) {
  arguments.emplace_back("--stream=finance");
  return parse_run_options(arguments, {});
}

std::vector<std::string> said(const RunOptions& options) {
  std::vector<std::string> all;
  for (const auto& [name, value] : as_text(options.plan_demand, options.capacity)) {
    all.push_back("--" + name + "=" + value);
  }
  return all;
}

TEST(PlanDemandSettings, GoByWhatIsMeasuredUnlessToldOtherwise) {
  const RunOptions options = parsed({});
  EXPECT_EQ(options.plan_demand, PlanDemand::kMeasured);
  EXPECT_TRUE(said(options).empty());
  EXPECT_EQ(parsed({"--plan-demand=perfect"}).plan_demand, PlanDemand::kPerfect);
}

TEST(PlanDemandSettings, SayByWhatTheyForecast) {
  const std::vector<std::string> given{"--plan-demand=forecast", "--capacity-day=600s",
                                       "--capacity-weights=mine.h5"};
  const RunOptions options = parsed(given);
  EXPECT_EQ(said(options), given);
  EXPECT_EQ(said(parsed({"--plan-demand=forecast", "--capacity=forecast"})),
            (std::vector<std::string>{"--plan-demand=forecast"}))
      << "what capacity says is said once";
}

TEST(PlanDemandSettings, RefuseWhatIsUnknown) {
  const std::string report = refusal([] { parsed({"--plan-demand=guessed"}); });
  EXPECT_NE(report.find("measured, forecast or"), std::string::npos) << report;
}

TEST(PlanDemandSettings, SayWhatHasNoEffect) {
  const auto warnings = [](const std::string& policy) {
    return parsed({"--plan-demand=forecast", "--policy=" + policy}).warnings;
  };
  for (const char* policy : {"random", "oracle", "tree", "learned",
                             "priced_shortest_expected_delay:price=0", "tree+work_stealing"}) {
    EXPECT_EQ(warnings(policy).size(), 1U) << policy;
  }
  for (const char* policy : {"lp_shares", "lp_shares_fastest_idle+work_stealing",
                             "priced_shortest_expected_delay", "tree:price=0.5"}) {
    EXPECT_TRUE(warnings(policy).empty()) << policy;
  }
  EXPECT_TRUE(parsed({"--plan-demand=forecast", "--control=own.h5"}).warnings.empty());
  const auto unused = parsed({"--capacity-weights=mine.h5"}).warnings;
  ASSERT_EQ(unused.size(), 1U);
  EXPECT_NE(unused[0].find("--plan-demand=forecast"), std::string::npos) << unused[0];
}

}  // namespace
}  // namespace weir
