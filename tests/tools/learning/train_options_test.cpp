#include "tools/learning/train_options.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

TEST(TrainOptions, TrainTheShippedPresetIntoAFileOfTheKindsName) {
  const TrainOptions options = parse_train_options({"forecaster"});
  EXPECT_EQ(options.preset, "shipped");
  EXPECT_EQ(options.seed, 1u);
  EXPECT_EQ(options.out, "forecaster.h5");
  EXPECT_FALSE(options.resume);
  EXPECT_TRUE(options.settings.empty());
}

TEST(TrainOptions, PassSettingsOnToTheKind) {
  const TrainOptions options =
      parse_train_options({"forecaster", "--epochs", "7", "--seed", "3", "--out", "w.h5"});
  EXPECT_EQ(options.settings.at("epochs"), "7");
  EXPECT_EQ(options.seed, 3u);
  EXPECT_EQ(options.out, "w.h5");
}

TEST(TrainOptions, KeepEveryScenarioOfAScorer) {
  const TrainOptions options = parse_train_options(
      {"scorer", "--rounds", "2", "--scenario", "a.ini", "--scenario", "b.ini@load=0.5"});
  EXPECT_EQ(options.settings.at("rounds"), "2");
  EXPECT_EQ(options.settings.size(), 3u);
  EXPECT_EQ(options.out, "scorer.h5");
}

TEST(TrainOptions, RefuseWeightsThatAnotherFileOfTheTrainingWouldReplace) {
  for (const char* out : {"m.svg", "folder/n.checkpoint", "a.b.svg"}) {
    const std::string report = refusal([&] { parse_train_options({"forecaster", "--out", out}); });
    EXPECT_NE(report.find(std::string("found   --out ") + out), std::string::npos) << report;
    EXPECT_NE(report.find(".h5"), std::string::npos) << report;
  }
  EXPECT_EQ(parse_train_options({"forecaster", "--out", "a.svg.h5"}).beside_out("svg"),
            "a.svg.svg");
}

TEST(TrainOptions, RefuseSeedsWhoseStreamsAreForEvaluation) {
  EXPECT_NE(refusal([] { parse_train_options({"forecaster", "--seed", "0"}); }), kNothingRefused);
}

TEST(TrainOptions, RefuseNoKindOtherKindsNoEpochsAndUnknownOptions) {
  for (const std::vector<std::string>& kind : {std::vector<std::string>{}, {"bogus"}}) {
    const std::string said = refusal([&] { parse_train_options(kind); });
    EXPECT_NE(said.find(kind.empty() ? "no kind" : "'bogus'"), std::string::npos) << said;
    EXPECT_NE(said.find("forecaster, scorer, control or all"), std::string::npos) << said;
  }
  EXPECT_NE(refusal([] { parse_train_options({"forecaster", "--epochs", "0"}); }), kNothingRefused);
  EXPECT_NE(refusal([] { parse_train_options({"forecaster", "--epoch", "3"}); }), kNothingRefused);
}

TEST(TrainOptions, RefusePresetsThatDoNotExistBeforeAnythingIsMade) {
  for (const char* kind : {"forecaster", "scorer", "control", "all"}) {
    const std::string said = refusal([&] { parse_train_options({kind, "--preset", "huge"}); });
    EXPECT_NE(said.find("found   --preset huge"), std::string::npos) << said;
  }
  const std::string said = refusal([] {
    parse_train_options({"scorer", "--from", "run.h5", "--preset", "quick"});
  });
  EXPECT_NE(said.find("--from beside --preset quick"), std::string::npos) << said;
}

TEST(TrainOptions, RefuseTheSettingsOfAnotherKindByTheirNames) {
  for (const char* kind : {"forecaster", "control", "all"}) {
    const std::string said = refusal([&] { parse_train_options({kind, "--scenario", "x.ini"}); });
    EXPECT_NE(said.find("found   --scenario x.ini"), std::string::npos) << said;
  }
  EXPECT_NE(refusal([] {
              parse_train_options({"scorer", "--rounds", "1001"});
            }).find("from 1 to 1000"),
            std::string::npos);
}

TEST(TrainOptions, PutAllKindsIntoAFolder) {
  EXPECT_EQ(parse_train_options({"all", "--out", "weights"}).out, "weights");
  EXPECT_EQ(parse_train_options({"all"}).out, ".");
  EXPECT_NE(refusal([] { parse_train_options({"all", "--rounds", "3"}); }), kNothingRefused);
}

TEST(TrainOptions, NameTheLevelOfControl) {
  EXPECT_EQ(parse_train_options({"control", "--level", "system"}).settings.at("level"), "system");
  EXPECT_EQ(parse_train_options({"control", "--level=node"}).settings.at("level"), "node");
}

}  // namespace
}  // namespace weir
