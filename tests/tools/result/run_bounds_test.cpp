#include "tools/result/run_bounds.hpp"

#include "tests/tools/simulate/simulate_fixture.hpp"

namespace weir {
namespace {

class RunBoundsOfASimulation : public SimulateFixture {};

// Rank 0 and rank 2 do nothing but coordinate.
TEST_F(RunBoundsOfASimulation, MeasuresLoadAndCapacityByTheNodesThatRunTasks) {
  const std::string path = scenario(kSmall);
  const std::vector<std::string> dedicated{path,
                                           "--set",
                                           "emulate=nodes=4x1*4;clusters=2;work_ms=20",
                                           "--set",
                                           "coordinators=dedicated",
                                           "--set",
                                           "cluster-size=2",
                                           "--policy"};
  const auto with = [&dedicated](std::vector<std::string> more) {
    std::vector<std::string> arguments = dedicated;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const auto tree = result(with({"tree"}));
  EXPECT_NEAR(tree["bounds"]["capacity_per_s"].get<double>(), 400, 1e-3);
  EXPECT_NEAR(tree["offered_per_s"].get<double>(), 280, 1e-6);
  testing::internal::CaptureStderr();
  result(with({"tree", "--set", "rate=560"}));
  const std::string overload = testing::internal::GetCapturedStderr();
  EXPECT_NE(overload.find("no rule completes more than 400"), std::string::npos) << overload;
  testing::internal::CaptureStderr();
  const auto flat = result(with({"least_outstanding"}));
  const std::string warning = testing::internal::GetCapturedStderr();
  EXPECT_NE(warning.find("coordinators has no effect without"), std::string::npos) << warning;
  EXPECT_NEAR(flat["bounds"]["capacity_per_s"].get<double>(), 800, 1e-3);
  EXPECT_NEAR(flat["offered_per_s"].get<double>(), 560, 1e-6);
}

// Nearly all nodes are slow: those few tasks that count find the fast one idle.
TEST_F(RunBoundsOfASimulation, TakesTheFloorOfThePartThatCounts) {
  const std::string path = scenario(
      "emulate = nodes=4x0.5*7,4x2*1;work_ms=10;size=deterministic\n"
      "stream = finance:poisson\n"
      "load = 0.9\n"
      "profile = 0s:1,2s:0.05\n"
      "duration = 5s\n"
      "warm-up = 3s\n"
      "dispatchers = 1\n"
      "latency = 0\n");
  const std::vector<std::string> arguments{path, "--policy", "join_fastest_idle"};
  const auto json = result(arguments);
  const auto floor_ms = json["bounds"]["mean_floor_ms"].get<double>();
  EXPECT_NEAR(floor_ms, 5, 0.1) << "the fast node can do all of it";
  EXPECT_GE(json["response_ms"]["mean"].get<double>(), 0.999 * floor_ms);
  EXPECT_NE(tables(arguments).find(" times that"), std::string::npos);
}

TEST_F(RunBoundsOfASimulation, ComparesNoFloorWithARunThatLostTasks) {
  const std::string path = scenario(kSmall);
  const std::vector<std::string> losing{
      path,    "--policy",         "round_robin", "--set", "death=2@2s", "--set", "drain-limit=3s",
      "--set", "suspect-after=off"};
  const std::string text = tables(losing);
  EXPECT_NE(text.find("mean response at least 10"), std::string::npos) << text;
  EXPECT_EQ(text.find("times that"), std::string::npos) << text;
}

TEST_F(RunBoundsOfASimulation, PrintsTheBoundsBesideTheResult) {
  const auto json = result({scenario(kSmall)});
  // 4 nodes of 4 cores, 10 ms of work.
  EXPECT_NEAR(json["bounds"]["capacity_per_s"].get<double>(), 1600, 1e-3);
  EXPECT_NEAR(json["bounds"]["mean_floor_ms"].get<double>(), 10, 1e-6);
}

TEST_F(RunBoundsOfASimulation, WarnsOfAnUnstableScenarioAndEndsItsRun) {
  testing::internal::CaptureStderr();
  const auto json = result({scenario(kSmall), "--set", "load=1.5"});
  const std::string warning = testing::internal::GetCapturedStderr();
  EXPECT_NE(warning.find("2400 tasks/s are offered"), std::string::npos) << warning;
  EXPECT_NE(warning.find("no rule completes more than 1600"), std::string::npos) << warning;
  EXPECT_TRUE(json["bounds"]["mean_floor_ms"].is_null());
  EXPECT_EQ(json["tasks"]["completed"], json["tasks"]["submitted"]);
}

}  // namespace
}  // namespace weir
