#include "tools/learning/evaluate_command.hpp"

#include <gtest/gtest.h>

#include "tests/support/command_runs.hpp"
#include "tests/support/forecaster_weights.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

class EvaluateCommand : public testing::Test {
 protected:
  EvaluateCommand() { write_weights(forecaster_weights(1), weights); }

  std::vector<std::string> arguments(const std::vector<std::string>& more) const {
    std::vector<std::string> all{"forecaster", "--weights", weights.string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  std::filesystem::path trace_of(int bins) const {
    std::string text = "count\n";
    for (int i = 0; i < bins; ++i) text += std::to_string(5 + i % 7) + '\n';
    return folder.write("made_up_persec.csv", text);
  }

  ScratchFolder folder;
  const std::filesystem::path weights = folder / "w.h5";
};

TEST_F(EvaluateCommand, PrintsARowForEveryStreamAndMethod) {
  const std::string table =
      printed_by(evaluate_command,
                 arguments({"--stream", "iot", "--seeds", "1", "--bins", "720", "--rate", "20"}));
  for (const char* method : {"lstm", "lstm_uncalibrated", "last_value", "ewma", "seasonal_naive",
                             "holt_winters", "nlinear", "dlinear"}) {
    EXPECT_NE(table.find(std::string(" ") + method + " "), std::string::npos) << method;
  }
}

TEST_F(EvaluateCommand, ComparesTheLstmWithTheBestBaselineOnTheSameSeeds) {
  const std::vector<std::string> common{"--stream", "iot", "--bins", "720", "--rate", "20"};
  auto few = common;
  few.insert(few.end(), {"--seeds", "1"});
  auto many = common;
  many.insert(many.end(), {"--seeds", "5"});
  const auto last_line = [](const std::string& table) {
    return table.substr(table.rfind('\n', table.size() - 2) + 1);
  };
  const std::string alone = last_line(printed_by(evaluate_command, arguments(few)));
  const std::string paired = last_line(printed_by(evaluate_command, arguments(many)));
  EXPECT_TRUE(alone.starts_with("  iot")) << alone;
  EXPECT_EQ(alone.find(" to "), std::string::npos) << alone;
  EXPECT_NE(paired.find(" to "), std::string::npos) << paired;
}

TEST_F(EvaluateCommand, ScoresTracesTooAndEachHorizonWhereAsked) {
  const std::string table =
      printed_by(evaluate_command, arguments({"--seeds", "0", "--by-horizon", "--markdown",
                                              "--trace", trace_of(1600).string() + "@2"}));
  EXPECT_NE(table.find("| made_up_persec@2 | nlinear | 60 |"), std::string::npos) << table;
  EXPECT_EQ(table.find("finance"), std::string::npos);
}

TEST_F(EvaluateCommand, RefusesATraceThatIsTooShort) {
  const std::string report =
      refused_by(evaluate_command, arguments({"--seeds", "0", "--trace", trace_of(700).string()}));
  EXPECT_NE(report.find("is too short to forecast"), std::string::npos) << report;
  EXPECT_NE(report.find("needed  720 at least"), std::string::npos) << report;
}

TEST_F(EvaluateCommand, RefusesWeightsThatAreMissing) {
  const std::string report = refused_by(evaluate_command, {"forecaster", "--weights", "none.h5"});
  EXPECT_TRUE(report.starts_with("the weights cannot be used")) << report;
  EXPECT_NE(report.find("none.h5"), std::string::npos) << report;
}

TEST_F(EvaluateCommand, ScoresATraceAtEveryTimeScaleThatIsAccepted) {
  for (const char* scale : {"@0.00003", "@1e-9"}) {
    const std::string table =
        printed_by(evaluate_command, arguments({"--seeds", "0", "--trace-bins", "720", "--trace",
                                                trace_of(800).string() + scale}));
    EXPECT_NE(table.find("seasonal_naive"), std::string::npos) << scale;
  }
}

TEST_F(EvaluateCommand, ScoresAStreamWhoseLastBinsAreEmpty) {
  for (const char* stream : {"finance:hawkes", "iot"}) {
    const std::string table = printed_by(
        evaluate_command,
        arguments({"--stream", stream, "--seeds", "3", "--bins", "720", "--rate", "0.02"}));
    EXPECT_NE(table.find("lstm_uncalibrated"), std::string::npos) << table;
    EXPECT_EQ(table.find("nan  "), std::string::npos) << table;
  }
}

TEST_F(EvaluateCommand, ExplainsItself) {
  EXPECT_NE(printed_by(evaluate_command, {"--help"}).find("weir evaluate forecaster"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
