#include "tools/learning/train_command.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "tests/support/refusal.hpp"

namespace weir {
namespace {

TEST(TrainCommand, ExplainsItselfWithoutAModule) {
  std::ostringstream out;
  EXPECT_EQ(train_command({"--help"}, out, "none.so"), 0);
  EXPECT_NE(out.str().find("usage: weir train forecaster"), std::string::npos);
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

}  // namespace
}  // namespace weir
