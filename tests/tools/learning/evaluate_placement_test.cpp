#include "tools/learning/evaluate_placement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "ml/inference/service_estimator.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/service_worlds.hpp"
#include "tools/learning/evaluation_scenarios.hpp"

namespace weir {
namespace {

class EvaluatePlacement : public testing::Test {
 protected:
  EvaluatePlacement() {
    std::ofstream(scenario) << "emulate = nodes=2x1*3;work_ms=20\nstream = finance:poisson\n"
                               "load = 0.6\nduration = 12s\ndispatchers = 2\n"
                               "report-interval = 100ms\n";
  }
  std::vector<std::string> arguments(std::vector<std::string> more) const {
    std::vector<std::string> all{"--scenario", scenario.string(), "--rule", "random", "--seeds",
                                 "2",          "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::string printed(const std::vector<std::string>& given) {
    std::ostringstream out;
    code = evaluate_placement(given, out);
    return out.str();
  }
  static std::string refused(const std::vector<std::string>& given) {
    std::ostringstream out;
    return refusal([&] { evaluate_placement(given, out); });
  }

  ScratchFolder folder;
  const std::filesystem::path scenario = folder / "small.ini";
  int code = -1;
};

TEST_F(EvaluatePlacement, PrintsOneLineForEachScenarioAndAVerdict) {
  const std::string table =
      printed(arguments({"--scenario", scenario.string() + "@load=0.4", "--markdown"}));
  EXPECT_EQ(code, 0) << table;
  EXPECT_NE(table.find("| small |"), std::string::npos) << table;
  EXPECT_NE(table.find("| small load=0.4 |"), std::string::npos) << table;
  EXPECT_NE(table.find("| random |"), std::string::npos) << table;
  EXPECT_NE(table.find("nowhere more than 3 % worse"), std::string::npos) << table;
}

TEST_F(EvaluatePlacement, GoesOnFromItsStore) {
  const std::filesystem::path store = folder / "runs";
  const std::string first = printed(arguments({"--store", store.string()}));
  const auto size = std::filesystem::file_size(store);
  EXPECT_EQ(printed(arguments({"--store", store.string()})), first);
  EXPECT_EQ(std::filesystem::file_size(store), size);
}

TEST_F(EvaluatePlacement, TakesOtherWeightsAndRefusesThoseThatAreNone) {
  write_weights(ServiceEstimator().weights(), folder / "none.h5");
  // Those correct nothing, so no placement is other than the rule's.
  const std::string without =
      printed(arguments({"--markdown", "--weights", (folder / "none.h5").string()}));
  EXPECT_EQ(code, 0);
  EXPECT_NE(without.find("| 1.000 | 1.000 | 1.000 | "), std::string::npos) << without;
  EXPECT_EQ(printed(arguments({"--markdown"})).find("| 1.000 | 1.000 | 1.000 | "),
            std::string::npos);
  EXPECT_NE(refused(arguments({"--weights", (folder / "missing.h5").string()})), kNothingRefused);
}

TEST_F(EvaluatePlacement, ExitsWithOneWhereTheGuardLeavesAllToTheRule) {
  // So large a bias is not believed at once, and less so the longer it is tried.
  write_weights(constant_estimator(1).weights(), folder / "all_slower.h5");
  const std::string table =
      printed(arguments({"--weights", (folder / "all_slower.h5").string(), "--scenario",
                         scenario.string() + "@duration=120s"}));
  EXPECT_EQ(code, 1) << table;
  EXPECT_NE(table.find("the guard left "), std::string::npos) << table;
}

TEST_F(EvaluatePlacement, RefusesScenariosAndRulesThatDoNotExist) {
  EXPECT_NE(refused({"--scenario", "no/such.ini"}).find("no/such.ini"), std::string::npos);
  EXPECT_NE(refused({"--scenarios", (folder / "empty").string()}), kNothingRefused);
  EXPECT_NE(refused({"--scenario", scenario.string(), "--rule", "randon"}).find("randon"),
            std::string::npos);
  EXPECT_NE(refused({"scorer"}), kNothingRefused);
  EXPECT_NE(refused({"--seeds", "0"}), kNothingRefused);
}

TEST_F(EvaluatePlacement, ComparesWithAllRulesButThoseThatAreThereAnyway) {
  const std::string table = printed({"--scenario", scenario.string() + "@duration=1s", "--rule",
                                     "all", "--seeds", "1", "--quiet"});
  EXPECT_NE(table.find("small duration=1s"), std::string::npos) << table;
}

TEST_F(EvaluatePlacement, RefusesWhatItCouldNotJudgeBy) {
  for (const char* rule : {"oracle", "tree:price=0.5", "learned"}) {
    EXPECT_NE(refused({"--scenario", scenario.string(), "--rule", rule}).find("is no rule"),
              std::string::npos);
  }
  EXPECT_NE(refused({"--scenario", scenario.string() + "@policy=random"}).find("@policy=random"),
            std::string::npos);
  EXPECT_NE(refused(arguments({"--scenario", scenario.string() + "@rate=0.001"}))
                .find("no task that counts in small rate=0.001, seed 2001"),
            std::string::npos);
  EXPECT_NE(refused({"--scenarios", (folder / "empty").string()}).find("--scenarios FOLDER"),
            std::string::npos);
}

TEST(EvaluationScenarios, AreAllThere) {
  const std::filesystem::path scenarios = std::string(WEIR_SOURCE_DIR) + "/jobs/scenarios";
  for (const EvaluationSize size : {EvaluationSize::kQuick, EvaluationSize::kWhole}) {
    for (const NamedScenario& scenario : evaluation_scenarios(scenarios, size)) {
      EXPECT_NO_THROW(options_of(scenario.settings)) << scenario.name;
    }
  }
}

TEST(EvaluationScenarios, HaveAStreamThatNoTrainingHasSeen) {
  const std::filesystem::path scenarios = std::string(WEIR_SOURCE_DIR) + "/jobs/scenarios";
  const auto whole = evaluation_scenarios(scenarios, EvaluationSize::kWhole);
  EXPECT_TRUE(std::ranges::any_of(whole, [](const NamedScenario& scenario) {
    return std::ranges::any_of(scenario.settings, [](const auto& setting) {
      return setting.first == "stream" && setting.second == "iot:phones";
    });
  }));
}

TEST(EvaluationScenarios, AreNamedByTheFileAndWhatWasChanged) {
  const std::string file = std::string(WEIR_SOURCE_DIR) + "/jobs/scenarios/combined.ini";
  EXPECT_EQ(scenario_with_changes(file + "@load=0.8@dispatchers=2").name,
            "combined load=0.8 dispatchers=2");
  for (const char* change : {"@0.8", "@load=much", "@nothing=1", "@seed=3"}) {
    const std::string said = refusal([&] { scenario_with_changes(file + change); });
    EXPECT_NE(said.find("@load=0.7"), std::string::npos) << said;
  }
  const std::string said =
      refusal([&] { scenario_with_changes(file + "@stream=iot:phones@stream=finance"); });
  EXPECT_NE(said.find("@stream=iot:phones and @stream=finance"), std::string::npos) << said;
  EXPECT_EQ(scenario_with_changes(file + "@death=3@20s@load=0.8").name,
            "combined death=3@20s load=0.8");
  const std::string nodes = "emulate=paper50;speed_step=1x0.5@40,1x1@80;work_ms=50";
  EXPECT_EQ(scenario_with_changes(file + "@" + nodes).name, "combined " + nodes);
}

}  // namespace
}  // namespace weir
