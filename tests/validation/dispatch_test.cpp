// Rules over several nodes against exact chains and mean fields. Shortest queue and shortest
// expected delay of two servers, and fastest server first: the stationary joint birth-death chains;
// two choices: N. Vvedenskaya, R. Dobrushin, F. Karpelevich, Problems of Information Transmission
// 32, 1996; random splitting, in proportion to capacity and by square roots: M/M/c of each node.

#include <gtest/gtest.h>

#include "tests/support/queueing_model.hpp"

namespace weir {
namespace {

struct KnownMean {
  QueueingModel model;
  double mean_response;
  double most_error = 0.01;
};
void PrintTo(const KnownMean& known, std::ostream* out) { PrintTo(known.model, out); }

class Dispatch : public testing::TestWithParam<KnownMean> {};

TEST_P(Dispatch, HasTheKnownMeanResponse) {
  const KnownMean& known = GetParam();
  expect_agreement(mean_response_of(known.model), known.mean_response, known.most_error);
}

QueueingModel two_equal(double rho, std::uint64_t tasks) {
  return {.name = "shortest queue of two at " + std::to_string(rho),
          .nodes = "nodes=1x1*2",
          .rate = 2 * rho,
          .policy = "join_shortest_queue",
          .tasks = tasks};
}

INSTANTIATE_TEST_SUITE_P(ShortestQueue, Dispatch,
                         testing::Values(KnownMean{two_equal(.5, 50'000), 1.426321},
                                         KnownMean{two_equal(.8, 150'000), 2.955737},
                                         KnownMean{two_equal(.9, 500'000), 5.474913}));

// Node 0 has speed 2, and ties go to the lowest rank.
QueueingModel fast_and_slow(const std::string& policy, double rho, std::uint64_t tasks) {
  return {.name = policy + " at " + std::to_string(rho),
          .nodes = "nodes=1x2,1x1",
          .rate = 3 * rho,
          .policy = policy,
          .tasks = tasks};
}

// (n + 1) / (c s) of nodes with one core is the shortest expected delay.
INSTANTIATE_TEST_SUITE_P(
    ShortestDelay, Dispatch,
    testing::Values(KnownMean{fast_and_slow("least_outstanding", .5, 50'000), .960451},
                    KnownMean{fast_and_slow("least_outstanding", .8, 150'000), 2.021124},
                    KnownMean{fast_and_slow("least_outstanding", .9, 500'000), 3.715969}));

INSTANTIATE_TEST_SUITE_P(
    UnequalSplit, Dispatch,
    testing::Values(KnownMean{fast_and_slow("weighted_random", .8, 200'000), 3.333333},
                    KnownMean{fast_and_slow("square_root_random:load=0.8", .8, 200'000),
                              3.214186}));

QueueingModel two_choices(int nodes, double rho, std::uint64_t tasks, double share_skipped) {
  return {.name = "two choices at " + std::to_string(rho),
          .nodes = "nodes=1x1*" + std::to_string(nodes),
          .rate = nodes * rho,
          .policy = "power_of_two",
          .tasks = tasks,
          .share_skipped = share_skipped};
}

// The more load, the longer until the queues have their lengths.
INSTANTIATE_TEST_SUITE_P(TwoChoices, Dispatch,
                         testing::Values(KnownMean{two_choices(1000, .5, 50'000, 0.5), 1.265686},
                                         KnownMean{two_choices(1000, .7, 80'000, 0.5), 1.614454},
                                         KnownMean{two_choices(1000, .8, 120'000, 0.5), 1.947363},
                                         KnownMean{two_choices(1000, .9, 250'000, 0.5), 2.614057}));

constexpr double kWorkMs = 114.286;

QueueingModel paper50(const std::string& policy, double rate_per_s, std::uint64_t tasks) {
  return {.name = policy + " on paper50 at " + std::to_string(rate_per_s) + "/s",
          .nodes = "nodes=24x0.9*20,32x1*20,44x1.2*10",
          .rate = rate_per_s * kWorkMs / 1000,
          .policy = policy,
          .tasks = tasks,
          .share_skipped = 0.3,
          .work_ms = kWorkMs};
}

// In multiples of the mean work of 114.286 ms. Load 1 is 14,000/s.
INSTANTIATE_TEST_SUITE_P(
    RandomSplit, Dispatch,
    testing::Values(KnownMean{paper50("weighted_random", 7000, 60'000), 111.4339 / kWorkMs},
                    KnownMean{paper50("weighted_random", 11'200, 120'000), 114.5076 / kWorkMs},
                    KnownMean{paper50("weighted_random", 12'180, 200'000), 121.2328 / kWorkMs},
                    KnownMean{paper50("weighted_random", 12'600, 300'000), 128.1394 / kWorkMs},
                    KnownMean{paper50("weighted_random", 13'300, 1'000'000), 161.5367 / kWorkMs,
                              0.02},
                    KnownMean{paper50("random", 7000, 100'000), 116.491 / kWorkMs}));

}  // namespace
}  // namespace weir
