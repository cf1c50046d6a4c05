#include "tools/learning/train_command.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ml/inference/service_estimator.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

TEST(TrainCommand, ExplainsItselfWithoutAModule) {
  std::ostringstream out;
  EXPECT_EQ(train_command({"--help"}, out, "none.so"), 0);
  EXPECT_NE(out.str().find("usage: weir train forecaster|scorer|control|all"), std::string::npos);
}

TEST(TrainCommand, RefusesToTrainWithoutAModuleAndPrintsNothing) {
  std::ostringstream out;
  const std::string report = refusal([&] { train_command({"forecaster"}, out, "none.so"); });
  EXPECT_NE(report.find("found   no none.so"), std::string::npos) << report;
  EXPECT_EQ(out.str(), "");
}

TEST(TrainCommand, RefusesToTrainOnSeveralRanksAtOnce) {
  std::ostringstream out;
  ::setenv("OMPI_COMM_WORLD_SIZE", "2", 1);
  const std::string report = refusal([&] { train_command({"forecaster"}, out, "none.so"); });
  ::unsetenv("OMPI_COMM_WORLD_SIZE");
  EXPECT_NE(report.find("found   2 ranks"), std::string::npos) << report;
}

TEST(TrainCommand, TrainsAScorerForOnesOwnScenarioWithoutAModule) {
  const ScratchFolder folder;
  const std::string scenario = (folder / "own.ini").string();
  std::ofstream(scenario) << "emulate = nodes=4x1*6;work_ms=20;drift_speed=0.4;drift_good_s=3;"
                             "drift_slow_s=2\nstream = finance:poisson\nload = 0.6\n"
                             "duration = 8s\nwarm-up = 2s\ndispatchers = 2\n"
                             "report-interval = 100ms\n";
  const std::filesystem::path out_file = folder / "own.h5";
  std::ostringstream out;
  EXPECT_EQ(train_command({"scorer", "--scenario", scenario, "--rounds", "2", "--quiet", "--out",
                           out_file.string()},
                          out, "none.so"),
            0);
  EXPECT_NE(out.str().find(out_file.string() + ": "), std::string::npos) << out.str();
  EXPECT_NO_THROW(service_estimator_of(out_file));
  for (const char* ending : {"curves.h5", "svg"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / (std::string("own.") + ending))) << ending;
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "own.checkpoint"));
}

TEST(TrainCommand, RefusesSettingsOfAnotherKind) {
  std::ostringstream out;
  const std::string report = refusal([&] {
    train_command({"scorer", "--epochs", "3"}, out, "none.so");
  });
  EXPECT_NE(report.find("found   --epochs 3"), std::string::npos) << report;
}

}  // namespace
}  // namespace weir
