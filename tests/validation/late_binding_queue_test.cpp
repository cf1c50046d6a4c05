// Late binding against exact queues. With reservations everywhere it is one queue for all servers:
// M/M/c, and fastest server first where the home's own node is the fast one, because that asks
// first. With d of K equal servers it is redundancy with cancel on start (U. Ayesta, T. Bodas and
// I. M. Verloop, "On a unifying product form framework for redundancy models", Performance
// Evaluation 127-128, 2018): m servers are busy with probability p_m, and then so many tasks wait:
//   a_m = lambda C(m,d) / C(K,d)
//   p_m = p_0 prod_{j=1..m} (lambda - a_{j-1}) / (j mu - a_j)
//   w_m = sum_{j=1..m} a_j / (j mu - a_j)

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tests/support/queueing_model.hpp"

namespace weir {
namespace {

// Mean response for mu = 1.
double redundancy(int servers, int copies, double rate) {
  std::vector<double> blocked(1);  // a_m
  double ways = 1;                 // C(servers, copies)
  for (int i = 0; i < copies; ++i) ways = ways * (servers - i) / (i + 1);
  for (int m = 1; m <= servers; ++m) {
    double ways_of_m = 1;
    for (int i = 0; i < copies; ++i) ways_of_m = ways_of_m * (m - i) / (i + 1);
    blocked.push_back(rate * ways_of_m / ways);
  }
  double p = 1, sum = 1, waiting = 0, weighted = 0;
  for (int m = 1; m <= servers; ++m) {
    const auto at = static_cast<std::size_t>(m);
    p *= (rate - blocked[at - 1]) / (m - blocked[at]);
    waiting += blocked[at] / (m - blocked[at]);
    sum += p;
    weighted += p * waiting;
  }
  return weighted / sum / rate + 1;
}

// Beside the closed forms it has to meet: M/M/1, M/M/2, M/M/8.
TEST(Redundancy, IsOneQueueForAllServersWhereEachHasACopy) {
  EXPECT_NEAR(redundancy(1, 1, 0.8), 5, 1e-9);
  EXPECT_NEAR(redundancy(10, 1, 8), 5, 1e-9);
  EXPECT_NEAR(redundancy(2, 2, 1.6), 2.777778, 1e-6);
  EXPECT_NEAR(redundancy(8, 8, 7.2), 1.876916, 1e-6);
}

struct Servers {
  int count;
  int copies;
  double rho;
};
void PrintTo(const Servers& servers, std::ostream* out) {
  *out << servers.copies << " of " << servers.count << " at " << servers.rho;
}

class LateBinding : public testing::TestWithParam<Servers> {};

TEST_P(LateBinding, HasTheMeanResponseOfRedundancyWithCancelOnStart) {
  const auto [count, copies, rho] = GetParam();
  const QueueingModel model{.name = "late binding",
                            .nodes = "nodes=1x1*" + std::to_string(count),
                            .rate = count * rho,
                            .policy = "late_binding:d=" + std::to_string(copies),
                            .tasks = 100'000};
  expect_agreement(mean_response_of(model), redundancy(count, copies, count * rho), 0.01);
}

INSTANTIATE_TEST_SUITE_P(EqualServers, LateBinding,
                         testing::Values(Servers{2, 2, .5}, Servers{2, 2, .8}, Servers{4, 2, .8},
                                         Servers{4, 4, .8}, Servers{10, 2, .8}, Servers{10, 3, .7},
                                         Servers{50, 2, .8}));

struct FastAndSlow {
  double rho;
  double mean_response;
  std::uint64_t tasks;
};
void PrintTo(const FastAndSlow& servers, std::ostream* out) { *out << "at " << servers.rho; }

class FastestFirst : public testing::TestWithParam<FastAndSlow> {};

TEST_P(FastestFirst, IsMetByTwoServersOfWhichTheFastIsAtHome) {
  const auto [rho, mean_response, tasks] = GetParam();
  const QueueingModel model{.name = "fastest first",
                            .nodes = "nodes=1x2,1x1",
                            .rate = 3 * rho,
                            .policy = "late_binding",
                            .tasks = tasks};
  expect_agreement(mean_response_of(model), mean_response, 0.01);
}

INSTANTIATE_TEST_SUITE_P(TwoServers, FastestFirst,
                         testing::Values(FastAndSlow{.5, .869565, 100'000},
                                         FastAndSlow{.8, 1.847826, 100'000},
                                         FastAndSlow{.9, 3.507109, 400'000}));

}  // namespace
}  // namespace weir
