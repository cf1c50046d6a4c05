// What takes long: a far tail, queues near saturation, thousands of nodes. Run by `tools/validate`.

#include <gtest/gtest.h>

#include "tests/support/queueing_model.hpp"

namespace weir {
namespace {

// The response of M/M/1 is exponential with rate 1 - rho. Of 900,000 tasks this quantile has a
// standard deviation of 4.4 % among seeds: four million make 0.7 % of ten seeds.
TEST(LongValidation, TheTailOfASingleQueueAtNineTenthsIsExponential) {
  const QueueingModel model{
      .name = "M/M/1 at .9", .nodes = "nodes=1x1", .rate = .9, .tasks = 4'000'000};
  const Estimate tail = over_ten_seeds([&](std::uint64_t seed) {
    return quantile_of(responses_of(model, seed, poisson_tasks(model)), 0.99);
  });
  expect_agreement(tail, 46.0517);
}

TEST(LongValidation, TwoChoicesAmongFourThousandNodesReachTheMeanField) {
  const QueueingModel model{.name = "two choices at .95",
                            .nodes = "nodes=1x1*4000",
                            .rate = 4000 * .95,
                            .policy = "power_of_two",
                            .tasks = 3'000'000,
                            .share_skipped = 0.6};
  expect_agreement(mean_response_of(model), 3.383046, 0.02);
}

// At 9,300/s a node of 24 cores is used to 98.4 %: it takes minutes to reach its queue length.
TEST(LongValidation, RandomSplittingOnPaper50NearSaturationOfTheSmallNodes) {
  constexpr double kWorkMs = 114.286;
  const QueueingModel model{.name = "random on paper50 at 9300/s",
                            .nodes = "nodes=24x0.9*20,32x1*20,44x1.2*10",
                            .rate = 9300 * kWorkMs / 1000,
                            .policy = "random",
                            .tasks = 20'000'000,
                            .share_skipped = 0.4,
                            .work_ms = kWorkMs};
  expect_agreement(mean_response_of(model), 236.976 / kWorkMs, 0.02);
}

}  // namespace
}  // namespace weir
