#include "tools/load/plan_forecasters.hpp"

#include <gtest/gtest.h>

#include "tests/support/forecaster_weights.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

TEST(PlanForecasters, TellWhetherTheyGoByTheSameWeights) {
  const ScratchFolder folder;
  const auto with = [&](const char* name, std::uint64_t seed) {
    write_weights(forecaster_weights(seed), folder / name);
    return PlanForecasters({.weights = folder / name, .kinds = {"iot"}}).fingerprint();
  };
  EXPECT_EQ(with("one.h5", 1), with("copy.h5", 1));
  EXPECT_NE(with("one.h5", 1), with("other.h5", 2));
}

TEST(PlanForecasters, GiveEachCoordinatorOneOfItsOwn) {
  const ScratchFolder folder;
  const LearnedDemandOptions options{.weights = folder / "some.h5", .kinds = {"iot"}};
  write_weights(forecaster_weights(1), options.weights);
  const PlanForecasters forecasters(options);
  const auto first = forecasters.make();
  const auto second = forecasters.make();
  LearnedDemand alone(options);
  for (int second_count = 0; second_count < 40; ++second_count) {
    const std::vector<ArrivalBin> busy{{100.0 + second_count % 7}};
    first->on_bin(busy);
    alone.on_bin(busy);
    second->on_bin(std::vector<ArrivalBin>{{3}});
  }
  EXPECT_EQ(first->forecast(ClassId(0), 1).median, alone.forecast(ClassId(0), 1).median);
  EXPECT_NE(first->forecast(ClassId(0), 1).median, second->forecast(ClassId(0), 1).median);
}

TEST(PlanForecasters, AreMadeForPlansByForecastsOnlyAndNotFromNothing) {
  const LearnedDemandOptions missing{.weights = "no/such.h5", .kinds = {"iot"}};
  EXPECT_FALSE(plan_forecasters_of(PlanDemand::kMeasured, missing).has_value());
  EXPECT_FALSE(plan_forecasters_of(PlanDemand::kPerfect, missing).has_value());
  const std::string report = refusal([&] { plan_forecasters_of(PlanDemand::kForecast, missing); });
  EXPECT_NE(report.find("no/such.h5"), std::string::npos) << report;
}

}  // namespace
}  // namespace weir
