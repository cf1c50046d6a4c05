#include "tools/settings/capacity_settings.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "ml/inference/forecast.hpp"
#include "tests/support/refusal.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

RunOptions parsed(std::vector<std::string> arguments) {
  arguments.emplace_back("--stream=finance");
  return parse_run_options(arguments, {});
}

TEST(CapacitySettings, LeaveAllNodesOnUnlessToldOtherwise) {
  const RunOptions options = parsed({});
  EXPECT_EQ(options.capacity.control, CapacityControl::kFixed);
  EXPECT_TRUE(as_text(options.capacity).empty());
  EXPECT_TRUE(options.warnings.empty());
}

TEST(CapacitySettings, AreReadOneByOne) {
  const CapacityOptions capacity =
      parsed({"--capacity=forecast", "--capacity-headroom=-0.1", "--capacity-park-after=30s",
              "--capacity-smoothing=0.5", "--capacity-quantile=0.9", "--capacity-day=600s",
              "--capacity-weights=mine.h5", "--capacity-control=own.h5", "--node-warm-up=8s"})
          .capacity;
  EXPECT_EQ(capacity.control, CapacityControl::kForecast);
  EXPECT_EQ(capacity.planner.headroom, -0.1);
  EXPECT_EQ(capacity.planner.park_after, 30s);
  EXPECT_EQ(capacity.planner.smoothing, 0.5);
  EXPECT_EQ(capacity.planner.warm_up, 8s);
  EXPECT_EQ(kQuantiles[capacity.forecast.quantile], 0.9);
  EXPECT_EQ(capacity.forecast.day_s, 600);
  EXPECT_EQ(capacity.forecast.weights, "mine.h5");
  EXPECT_EQ(capacity.adviser, "own.h5");
  EXPECT_EQ(capacity.forecast.kinds, (std::vector<std::string>{"finance", "iot", "social"}));
}

TEST(CapacitySettings, AreSaidAgainAsTheyWereGiven) {
  const std::vector<std::string> given{
      "--capacity=forecast",      "--capacity-headroom=0.5", "--capacity-park-after=20s",
      "--capacity-smoothing=1",   "--node-warm-up=2s",       "--capacity-control=own.h5",
      "--capacity-quantile=0.99", "--capacity-day=600s",     "--capacity-weights=mine.h5"};
  std::vector<std::string> said;
  for (const auto& [name, value] : as_text(parsed(given).capacity)) {
    said.push_back("--" + name + "=" + value);
  }
  EXPECT_EQ(said, given);
}

TEST(CapacitySettings, RefuseWhatCannotBe) {
  const auto expect = [](const std::string& argument, const std::string& needed) {
    const std::string report = refusal([&] { parsed({argument}); });
    EXPECT_NE(report.find(needed), std::string::npos) << argument << "\n" << report;
  };
  expect("--capacity=some", "fixed, reactive, forecast or");
  expect("--capacity-headroom=-1", "from -0.9 to 100");
  expect("--capacity-smoothing=0", "from 0.001 to 1");
  expect("--capacity-quantile=0.1", "0.5, 0.9, 0.95 or 0.99");
  expect("--capacity-quantile=high", "0.5, 0.9, 0.95 or 0.99");
  expect("--capacity-park-after=soon", "capacity-park-after");
  expect("--capacity-day=1s", "capacity-day");
}

TEST(CapacitySettings, SayWhatHasNoEffect) {
  const auto warnings = parsed({"--capacity=reactive", "--capacity-quantile=0.9"}).warnings;
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0], "--capacity-quantile has no effect without --capacity=forecast");
  EXPECT_EQ(parsed({"--capacity-headroom=1"}).warnings.size(), 1U);
}

}  // namespace
}  // namespace weir
