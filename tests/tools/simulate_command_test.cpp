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

TEST_F(SimulateCommand, RunsTheScenariosOfTheRepository) {
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_SCENARIOS_DIR)) {
    const auto json = result({entry.path().string(), "--policy", "join_fastest_idle_local", "--set",
                              "duration=2s", "--set", "warm-up=1s"});
    EXPECT_GT(json["tasks"]["completed"], 1000) << entry.path();
  }
}

TEST_F(SimulateCommand, TakesKeysOfEmulateAsSettings) {
  const std::string path = scenario(kSmall);
  const auto expected = result({path, "--set", "emulate=nodes=4x1*4;work_ms=5;drift_speed=0.5"});
  const auto found = result({path, "--set", "work_ms=5", "--set", "drift.speed=0.5"});
  EXPECT_EQ(found, expected);
  EXPECT_NE(found["response_ms"], result({path})["response_ms"]);
}

TEST_F(SimulateCommand, CountsWhatADeadNodeTakesAlong) {
  const auto json = result({scenario(kSmall), "--policy", "round_robin", "--set", "death=2@2s",
                            "--set", "drain-limit=3s"});
  EXPECT_TRUE(json["gave_up"]);
  const auto& tasks = json["tasks"];
  EXPECT_GT(tasks["lost"], 100);
  EXPECT_EQ(tasks["submitted"].get<int>(),
            tasks["completed"].get<int>() + tasks["failed"].get<int>() +
                tasks["dropped"].get<int>() + tasks["lost"].get<int>());
}

TEST_F(SimulateCommand, CountsWhatCapacityCosts) {
  const std::string path = scenario(kSmall);
  const auto cost = [&](const std::vector<std::string>& settings) {
    std::vector<std::string> arguments{path};
    for (const auto& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    return result(arguments)["capacity_cost"];
  };
  const auto whole = cost({"load=0.3"});
  EXPECT_NEAR(whole["core_s"].get<double>(), 4 * whole["node_s"].get<double>(), 1e-6);
  // Two nodes are off after the warm-up, one of them for a second of two.
  const auto less = cost({"load=0.3", "park=3@0s,2@1s+0.5s", "node-warm-up=0.5s"});
  EXPECT_NEAR(less["node_s"].get<double>() / whole["node_s"].get<double>(), 0.7, 0.06);
}

TEST_F(SimulateCommand, RefusesWhatTheWorldCannotBe) {
  const std::string path = scenario(kSmall);
  const auto expect = [&](const std::string& setting, const std::string& named) {
    const std::string report = refusal({path, "--set", setting});
    EXPECT_NE(report.find(named), std::string::npos) << setting << "\n" << report;
  };
  expect("stop=3@20s", "RANKS@TIME+TIME");
  expect("stop=4@1s+1s", "0 to 3");
  expect("stop=1@1s+0s", "above zero");
  expect("stop=1@1s+2s,0-1@2s+1s", "overlap");
  expect("death=2@1s+1s", "RANKS@TIME");
  expect("park=0-3@0s", "no node is there");
  expect("park=1@0s+1s,1@3s", "warm again");
  expect("slow-link=3x0.5", "from 1 to 1000000");
  expect("slow-link=3x2,3x4", "once");
  expect("slow-link=cluster1x2", "0 to 0");
  expect("lost-reports=1.5", "from 0 to 1");
  expect("delayed-messages=often", "from 0 to 1");
  expect("mean-delay=-1s", "from 0 to 1e+06");
  expect("uplink=3mb", "GB/s");
  expect("latency-far=1y", "us");
  expect("ranks-per-host=0", "from 1");
  expect("interference.beta=-1", "from 0 to 1000000");
  expect("speed_step=1x1@3", "0 to 0");
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
  EXPECT_NE(refusal({scenario("load = 0.5\nstream = finance\n")}).find("emulate"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
