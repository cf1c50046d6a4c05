#include "tools/settings/online_settings.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {
namespace {

RunOptions parsed(std::vector<std::string> arguments) {
  arguments.emplace_back("--stream=finance");
  return parse_run_options(arguments, {});
}

TEST(OnlineSettings, LearnNothingUnlessAskedTo) {
  EXPECT_EQ(parsed({}).online.mode, OnlineLearning::kOff);
  EXPECT_TRUE(as_text(parsed({}).online).empty());
  EXPECT_EQ(parsed({"--online=off"}).online.mode, OnlineLearning::kOff);
}

TEST(OnlineSettings, AreReadAndSaidAgain) {
  const OnlineSettings settings = parsed({"--online", "--save-weights=mine.h5"}).online;
  EXPECT_EQ(settings.mode, OnlineLearning::kByCluster);
  EXPECT_EQ(settings.save_weights, "mine.h5");
  const std::vector<std::pair<std::string, std::string>> said{{"online", "on"},
                                                              {"save-weights", "mine.h5"}};
  EXPECT_EQ(as_text(settings), said);
  EXPECT_EQ(parsed({"--online=federated"}).online.mode, OnlineLearning::kFederated);
}

TEST(OnlineSettings, MayStandInTheEnvironment) {
  const RunOptions options = parse_run_options({"--stream=finance"}, {{"WEIR_ONLINE", "on"}});
  EXPECT_EQ(options.online.mode, OnlineLearning::kByCluster);
}

TEST(OnlineSettings, RefuseWhatIsNoMode) {
  const std::string report = refusal([] { parsed({"--online=yes"}); });
  EXPECT_NE(report.find("off, on or federated"), std::string::npos) << report;
}

TEST(OnlineSettings, TellWhatChangesNothing) {
  EXPECT_TRUE(parsed({"--online", "--save-weights=mine.h5"}).warnings.empty());
  EXPECT_EQ(parsed({"--online", "--policy=tree"}).warnings.size(), 1U);
  EXPECT_EQ(parsed({"--save-weights=mine.h5"}).warnings.size(), 1U);
}

}  // namespace
}  // namespace weir
