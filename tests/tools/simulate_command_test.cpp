#include "tools/simulate_command.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr const char* kSmall =
    "emulate = nodes=4x1*4;work_ms=10\n"
    "stream = finance:poisson\n"
    "stream = iot:poisson\n"
    "load = 0.7\n"
    "duration = 3s\n"
    "warm-up = 1s\n"
    "dispatchers = 2\n";

class SimulateCommand : public testing::Test {
 protected:
  ~SimulateCommand() override { std::filesystem::remove(path_); }

  std::string scenario(const std::string& text) {
    std::ofstream(path_) << text;
    return path_.string();
  }
  static nlohmann::json result(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    std::ostringstream out;
    EXPECT_EQ(simulate_command(arguments, out), 0);
    return nlohmann::json::parse(out.str());
  }
  static std::string refusal(const std::vector<std::string>& arguments) {
    std::ostringstream out;
    try {
      simulate_command(arguments, out);
    } catch (const Error& error) {
      EXPECT_EQ(out.str(), "");
      return error.report();
    }
    return "nothing was refused";
  }

 private:
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("weir_scenario_" + std::to_string(getpid()));
};

TEST_F(SimulateCommand, PrintsTheResultOfARun) {
  const auto json = result({scenario(kSmall), "--policy", "least_outstanding"});
  EXPECT_EQ(json["policy"], "least_outstanding");
  EXPECT_EQ(json["ranks"], 4);
  // 1,120 tasks/s for the two seconds that count.
  EXPECT_NEAR(json["tasks"]["submitted"].get<double>(), 2240, 250);
  EXPECT_EQ(json["tasks"]["completed"], json["tasks"]["submitted"]);
  EXPECT_GT(json["response_ms"]["mean"], 8);
  EXPECT_LT(json["response_ms"]["mean"], 20);
  EXPECT_NEAR(json["utilization"].get<double>(), 0.7, 0.15);
}

TEST_F(SimulateCommand, RepeatsItselfForASeed) {
  const std::string path = scenario(kSmall);
  EXPECT_EQ(result({path, "--seed", "3"}), result({path, "--seed", "3"}));
  EXPECT_NE(result({path, "--seed", "3"})["response_ms"],
            result({path, "--seed", "4"})["response_ms"]);
}

TEST_F(SimulateCommand, LetsSettingsReplaceThoseOfTheScenario) {
  const std::string path = scenario(kSmall);
  const auto lower = result({path, "--set", "rate=200"});
  EXPECT_NEAR(lower["tasks"]["submitted"].get<double>(), 400, 100);
  const auto slow = result({path, "--set", "latency=50ms", "--set", "dispatchers=1"});
  EXPECT_GT(slow["response_ms"]["mean"].get<double>(), 50);
}

TEST_F(SimulateCommand, TakesParametersOfThePolicy) {
  const std::string path = scenario(kSmall);
  const auto standard = result({path, "--policy", "power_of_two"});
  EXPECT_EQ(result({path, "--policy", "power_of_two:d=2,own_weight=1"})["response_ms"],
            standard["response_ms"]);
  const auto all_nodes = result({path, "--policy", "power_of_two:d=4+work_stealing"});
  EXPECT_EQ(all_nodes["policy"], "power_of_two:d=4+work_stealing");
  EXPECT_NE(all_nodes["response_ms"], standard["response_ms"]);
}

TEST_F(SimulateCommand, RunsTheScenariosOfTheRepository) {
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_SCENARIOS_DIR)) {
    const auto json = result({entry.path().string(), "--policy", "join_fastest_idle_local", "--set",
                              "duration=2s", "--set", "warm-up=1s"});
    EXPECT_GT(json["tasks"]["completed"], 1000) << entry.path();
  }
}

TEST_F(SimulateCommand, RefusesWhatItCannotUse) {
  const std::string path = scenario(kSmall);
  EXPECT_NE(refusal({"/no/such/scenario.ini"}).find("/no/such/scenario.ini"), std::string::npos);
  EXPECT_NE(refusal({"/tmp"}).find("cannot be read"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "load"}).find("NAME=VALUE"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "lod=3"}).find("lod"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "latency=-1ms"}).find("latency"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "bandwidth=fast"}).find("GB/s"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "dispatchers=5"}).find("at most 4"), std::string::npos);
  EXPECT_NE(refusal({path, "--set", "workers=5"}).find("workers"), std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "best"}).find("best"), std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "power_of_two:d=1"}).find("whole number from 2"),
            std::string::npos);
  EXPECT_NE(refusal({path, "--policy", "power_of_two:e=1"}).find("no parameter 'e'"),
            std::string::npos);
  EXPECT_NE(refusal({scenario("load = 0.5\nstream = finance\n")}).find("emulate"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
