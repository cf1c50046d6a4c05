// Runs `weir simulate` on scenarios that tests write.

#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/command_runs.hpp"
#include "tools/simulate/simulate_command.hpp"

namespace weir {

inline constexpr const char* kSmall =
    "emulate = nodes=4x1*4;work_ms=10\n"
    "stream = finance:poisson\n"
    "stream = iot:poisson\n"
    "load = 0.7\n"
    "duration = 3s\n"
    "warm-up = 1s\n"
    "dispatchers = 2\n";

class SimulateFixture : public testing::Test {
 protected:
  ~SimulateFixture() override { std::filesystem::remove(path_); }

  std::string scenario(const std::string& text) {
    std::ofstream(path_) << text;
    return path_.string();
  }
  static std::string tables(const std::vector<std::string>& arguments) {
    return printed_by(simulate_command, arguments);
  }
  static nlohmann::json result(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    return nlohmann::json::parse(printed_by(simulate_command, arguments));
  }
  static std::string refusal(const std::vector<std::string>& arguments) {
    return refused_by(simulate_command, arguments);
  }

 private:
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("weir_scenario_" + std::to_string(getpid()));
};

}  // namespace weir
