// Runs `weir simulate` on scenarios that tests write.

#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "tools/simulate_command.hpp"

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
    std::ostringstream out;
    EXPECT_EQ(simulate_command(arguments, out), 0);
    return out.str();
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

}  // namespace weir
