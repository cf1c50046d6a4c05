// One node against the closed forms of queueing theory. M/M/c: Erlang C; M/G/1: Pollaczek and
// Khinchine.

#include <gtest/gtest.h>

#include "tests/support/queueing_model.hpp"

namespace weir {
namespace {

struct ClosedForm {
  QueueingModel model;
  double mean_response;
  double most_error = 0.01;
};
void PrintTo(const ClosedForm& form, std::ostream* out) { PrintTo(form.model, out); }

class SingleQueue : public testing::TestWithParam<ClosedForm> {};

TEST_P(SingleQueue, HasTheMeanResponseOfItsClosedForm) {
  const ClosedForm& form = GetParam();
  expect_agreement(mean_response_of(form.model), form.mean_response, form.most_error);
}

QueueingModel cores(int count, double rho, std::uint64_t tasks) {
  return {.name = "M/M/" + std::to_string(count) + " at " + std::to_string(rho),
          .nodes = "nodes=" + std::to_string(count) + "x1",
          .rate = count * rho,
          .tasks = tasks};
}

INSTANTIATE_TEST_SUITE_P(ManyCores, SingleQueue,
                         testing::Values(ClosedForm{cores(1, .5, 30'000), 2},
                                         ClosedForm{cores(1, .8, 120'000), 5},
                                         ClosedForm{cores(1, .9, 900'000), 10},
                                         ClosedForm{cores(1, .95, 500'000), 20, 0.02},
                                         ClosedForm{cores(2, .8, 100'000), 2.777778},
                                         ClosedForm{cores(4, .8, 100'000), 1.745541},
                                         ClosedForm{cores(8, .9, 200'000), 1.876916},
                                         ClosedForm{cores(32, .87, 100'000), 1.083113},
                                         ClosedForm{cores(64, .95, 200'000), 1.183753, 0.02}));

QueueingModel sizes(const std::string& size, double rho, std::uint64_t tasks) {
  return {.name = "M/G/1 at " + std::to_string(rho) + " with size=" + size,
          .nodes = "nodes=1x1;size=" + size,
          .rate = rho,
          .tasks = tasks};
}

// Bounded Pareto from 1 to 1000 with exponent 1.5 has mean 2.90522354: waits of 15.811388 and
// 63.245553 are 5.442399 and 21.769597 mean sizes.
INSTANTIATE_TEST_SUITE_P(
    ManySizes, SingleQueue,
    testing::Values(ClosedForm{sizes("deterministic", .8, 100'000), 3},
                    ClosedForm{sizes("hyperexponential;size_c2=4", .8, 300'000), 11, 0.02},
                    ClosedForm{sizes("hyperexponential;size_c2=10", .8, 500'000), 23, 0.02},
                    ClosedForm{sizes("bounded_pareto", .5, 600'000), 1 + 5.442399, 0.02},
                    ClosedForm{sizes("bounded_pareto", .8, 900'000), 1 + 21.769597, 0.02}));

// Little's law: the mean number of tasks is the rate times the mean response, and the number is the
// sum of all responses over the time.
TEST(SingleQueue, KeepsLittlesLawAndLosesNoTask) {
  const QueueingModel model = cores(4, .8, 200'000);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    ResponseList sink(model);
    Simulation world(
        world_of(model, seed),
        [&](RankId, Instant start) { return poisson_tasks(model)(seed, start); }, sink);
    // The number of tasks in the system, looked at every 10 mean services.
    double looks = 0;
    double tasks = 0;
    const double end_ms = static_cast<double>(model.tasks) / model.rate;
    for (double at_ms = 10; at_ms < end_ms; at_ms += 10) {
      world.run_until(SimTime(from_seconds(at_ms / 1000)));
      tasks += static_cast<double>(world.agent(RankId(0)).in_flight());
      ++looks;
    }
    world.run();
    EXPECT_EQ(sink.completed(), model.tasks);
    const NodeAgentCounts counts = world.agent(RankId(0)).counts();
    EXPECT_EQ(counts.submitted, model.tasks);
    EXPECT_EQ(counts.completed, model.tasks);
    const double rate = static_cast<double>(model.tasks) / end_ms;
    EXPECT_NEAR(tasks / looks, rate * mean_of(sink.responses()),
                0.01 * rate * mean_of(sink.responses()))
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir
