// Jobs whose coordinators plan by forecasts: whatever a forecaster says, every task is done, and
// equal seeds give equal journals.

#include <gtest/gtest.h>

#include <limits>

#include "ml/inference/weight_file.hpp"
#include "runtime/sim/simulation.hpp"
#include "tests/support/forecaster_weights.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/poisson_source.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/task_journal.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Four homes for forty seconds, at two thirds of the capacity.
constexpr PoissonArrivals kArrivals{.rate_per_s = 53, .count = 2120, .class_count = 2};
constexpr std::size_t kTasks = 4 * 2120;

struct Outcome final : TaskJournal {
  ForetoldPlans planned;
};

using Maker = std::function<std::unique_ptr<DemandForecaster>(const SimTime&)>;

Outcome play(const Maker& maker, const std::string& policy = "tree") {
  SimulationOptions options{.nodes = EmulationSpec::parse("nodes=4x1*16;clusters=4;work_ms=200"),
                            .dispatcher_count = 4,
                            .policy = policy,
                            .class_count = 2,
                            .make_plan_demand = maker,
                            .tree = {.fan_out = 4, .cluster_size = 4}};
  Outcome outcome;
  Simulation world(options, poisson_at_each_home(kArrivals), outcome);
  world.run();
  outcome.close(world);
  outcome.planned = world.foretold_plans();
  return outcome;
}

class AlwaysTheSame final : public DemandForecaster {
 public:
  explicit AlwaysTheSame(double said) : said_(said) {}
  void on_bin(std::span<const ArrivalBin>) override {}
  ArrivalForecast forecast(ClassId, double) const override { return {said_, said_}; }

 private:
  double said_;
};

Maker that_says(double said) {
  return [said](const SimTime&) { return std::make_unique<AlwaysTheSame>(said); };
}

TEST(ForetoldPlansScenario, PlanByAForecastAtEveryCoordinatorAndCompleteEveryTask) {
  const ScratchFolder folder;
  LearnedDemandOptions demand{.weights = folder / "forecaster.h5", .kinds = {"social", "iot"}};
  write_weights(forecaster_weights(1, 8, 2), demand.weights);
  const Maker maker = [&](const SimTime&) { return std::make_unique<LearnedDemand>(demand); };
  for (const char* policy : {"tree", "lp_shares", "priced_shortest_expected_delay"}) {
    SCOPED_TRACE(policy);
    const Outcome outcome = play_twice([&] { return play(maker, policy); });
    EXPECT_EQ(outcome.task_count(), kTasks);
    EXPECT_GT(outcome.planned.foretold, 0U);
    EXPECT_LT(outcome.planned.foretold, outcome.planned.plans / 2) << "half a minute to learn";
  }
}

TEST(ForetoldPlansScenario, CompleteEveryTaskWhateverIsForetold) {
  const auto nobody_knows = std::numeric_limits<double>::quiet_NaN();
  for (const double said : {0.0, -1e9, 1e9, nobody_knows}) {
    SCOPED_TRACE(said);
    const Outcome outcome = play(that_says(said));
    EXPECT_EQ(outcome.task_count(), kTasks);
    EXPECT_LT(outcome.longest_response(), 8s);
  }
}

// What is no number counts for nothing, so all is as without a forecaster.
TEST(ForetoldPlansScenario, DoAsWithoutAForecasterWhereItKnowsNothing) {
  const Outcome outcome = play(that_says(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(outcome.planned.foretold, 0U);
  EXPECT_TRUE(outcome == play({}));
}

}  // namespace
}  // namespace weir
