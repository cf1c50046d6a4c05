#include "tools/simulate/bounds_command.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "tests/support/command_runs.hpp"

namespace weir {
namespace {

// Classes are finance, iot and social, in this order.
constexpr const char* kAffinity =
    "emulate=paper50;affinity=1/1/1,0.7/1/1.4,1.6/1/0.5;drift_speed=0.5;drift_good_s=20;"
    "drift_slow_s=7;interference_beta=1;interference_classes=2";

std::string output_of(const std::vector<std::string>& arguments) {
  return printed_by(bounds_command, arguments);
}

TEST(BoundsCommand, PrintsCapacitySharesAndFloors) {
  const auto json = nlohmann::json::parse(output_of({WEIR_SCENARIOS_DIR "/fresh.ini", "--json"}));
  EXPECT_NEAR(json["capacity_per_s"].get<double>(), 14000, 1);
  EXPECT_NEAR(json["offered_per_s"].get<double>(), 12180, 1);
  EXPECT_EQ(json["node_types"], nlohmann::json({"24x0.9", "32x1", "44x1.2"}));
  EXPECT_NEAR(json["floors"].front()["mean_floor_ms"].get<double>(), 101.71, 0.01);
}

TEST(BoundsCommand, HeedsAffinityDriftAndInterference) {
  const auto json = nlohmann::json::parse(
      output_of({WEIR_SCENARIOS_DIR "/fresh.ini", "--set", kAffinity, "--json"}));
  EXPECT_NEAR(json["capacity_per_s"].get<double>(), 14570, 1);
}

TEST(BoundsCommand, CountsClassesAsOftenAsTheStreamsBringThem) {
  const auto json = nlohmann::json::parse(
      output_of({WEIR_SCENARIOS_DIR "/fresh.ini", "--set", "stream=social:poisson", "--set",
                 "emulate=paper50;affinity=1/1/1,0.7/1/1.4,1.6/1/0.5", "--json"}));
  // Social tasks alone: 480 cores at 0.9 / 1.6, 640 at 1, 440 at 1.2 / 0.5.
  EXPECT_NEAR(json["capacity_per_s"].get<double>(), (270 + 640 + 1056) / 0.114286, 1);
  EXPECT_EQ(json["shares"]["finance"], nlohmann::json({0, 0, 0}));
}

// Of each ten ranks the first coordinates: 432 + 640 + 528 less five of 24 cores at 0.9.
TEST(BoundsCommand, LeavesDedicatedCoordinatorsOut) {
  const std::vector<std::string> dedicated{WEIR_SCENARIOS_DIR "/fresh.ini",
                                           "--set",
                                           "coordinators=dedicated",
                                           "--set",
                                           "cluster-size=10",
                                           "--json",
                                           "--policy"};
  const auto bounds_of = [&dedicated](const std::string& policy) {
    std::vector<std::string> arguments = dedicated;
    arguments.push_back(policy);
    return nlohmann::json::parse(output_of(arguments));
  };
  const double capacity = (1600 - 5 * 24 * 0.9) / 0.114286;
  const auto tree = bounds_of("tree");
  EXPECT_NEAR(tree["capacity_per_s"].get<double>(), capacity, 1);
  EXPECT_NEAR(tree["offered_per_s"].get<double>(), 0.87 * capacity, 1);
  testing::internal::CaptureStderr();
  EXPECT_NEAR(bounds_of("local")["capacity_per_s"].get<double>(), 14000, 1);
  const std::string warning = testing::internal::GetCapturedStderr();
  EXPECT_NE(warning.find("weir-bounds: warning: coordinators has no effect"), std::string::npos)
      << warning;
}

TEST(BoundsCommand, PrintsTablesForPeople) {
  const std::string text = output_of({WEIR_SCENARIOS_DIR "/fresh.ini"});
  EXPECT_NE(text.find("capacity  14000.0 tasks/s"), std::string::npos) << text;
  EXPECT_NE(text.find("109.70 ms"), std::string::npos) << text;
}

TEST(BoundsCommand, RefusesAScenarioThatIsNone) {
  EXPECT_THROW(output_of({"/tmp"}), Error);
  EXPECT_THROW(output_of({WEIR_SCENARIOS_DIR "/fresh.ini", "--set", "load=fast"}), Error);
  try {
    output_of({"a", "b"});
    ADD_FAILURE() << "two scenarios were taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.problem(), "the options of weir bounds cannot be read");
    EXPECT_EQ(error.try_this(), "weir bounds --help");
  }
}

}  // namespace
}  // namespace weir
