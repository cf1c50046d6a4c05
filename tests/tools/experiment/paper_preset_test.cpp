#include "tools/experiment/paper_preset.hpp"

#include <gtest/gtest.h>

#include "tests/support/compare_command_runs.hpp"
#include "tools/experiment/outcome_store.hpp"

namespace weir {
namespace {

using PaperPreset = CompareCommandRuns;

// Its fifty nodes take minutes: the outcomes that its runs find kept are those of 25 nodes.
TEST_F(PaperPreset, PrintsTheFourIndicatorsOfThePaper) {
  const std::vector<std::string> arguments{
      "--preset", "paper", "--policy", "join_fastest_idle_local", "--seeds", "1",
      "--quiet",  "--out", out_};
  for (const Trial& trial : plan_paper(parse_compare_options(arguments), "").trials) {
    Trial smaller = trial;
    replace_setting(smaller.settings, "emulate", "nodes=6x0.9*1,8x1*1,11x1.2*1;work_ms=28");
    replace_setting(smaller.settings, "dispatchers", "2");
    OutcomeStore(out_ + ".trials").add(key_of(trial), *measure(smaller, [] { return false; }));
  }
  const std::string text = printed(arguments);
  for (const char* part :
       {"the paper: traditional", "round_robin", "weighted_least_connections", "static",
        "join_fastest_idle_local", "Assumed", "Bounds: capacity", "34 % higher", "impossible"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  }
  const ExperimentResults results = read_comparison(out_ + ".h5");
  EXPECT_EQ(results.scenarios, (std::vector<std::string>{"paper", "paper_low_load", "paper_step"}));
  EXPECT_EQ(printed({"--report", out_ + ".h5"}), text);
}

TEST_F(PaperPreset, RefusesSettingsThatItsLabelsContradict) {
  for (const char* setting :
       {"load=0.3", "rate=100", "profile=0s:1", "profile.iot=0s:1", "duration=5s", "warm-up=1s",
        "emulate=nodes=4x1*4;work_ms=10", "nodes=4x1*4", "interference.beta=1", "size=constant",
        "dispatchers=2", "report-interval=1s", "stream=iot", "share.iot=0.5", "share=iot=0.5",
        "work-scale=2", "time-scale=2", "trace=x.csv", "traces-folder=/x"}) {
    const std::string report = refusal({"--preset", "paper", "--set", setting});
    EXPECT_NE(report.find("the preset says itself"), std::string::npos) << report;
    EXPECT_NE(report.find(setting), std::string::npos) << report;
  }
}

TEST_F(PaperPreset, RefusesMeasurementsOtherThanItsOwn) {
  for (const char* option : {"--throughput", "--throughput-seeds", "--adaptation"}) {
    const std::string report = refusal({"--preset", "paper", option, "30"});
    EXPECT_NE(report.find("the preset says itself"), std::string::npos) << report;
    EXPECT_NE(report.find(option), std::string::npos) << report;
  }
}

TEST_F(PaperPreset, KeepsSettingsOfWhatItSaysNothingOf) {
  const auto planned = plan_paper(
      parse_compare_options({"--preset", "paper", "--policy", "tree", "--seeds", "1", "--set",
                             "latency=1ms", "--set", "cluster-size=10", "--set", "death=3@5s"}),
      "");
  ASSERT_FALSE(planned.trials.empty());
  const SimulateOptions options = options_of(planned.trials.front().settings);
  EXPECT_EQ(options.world.network.latency, std::chrono::milliseconds(1));
  EXPECT_EQ(options.run.tree.cluster_size, 10);
}

}  // namespace
}  // namespace weir
