#include <gtest/gtest.h>

#include <cmath>

#include "jobs/kernels/kernel.hpp"
#include "jobs/kernels/windows.hpp"
#include "runtime/base/random.hpp"
#include "tests/support/numbers.hpp"

namespace weir {
namespace {

constexpr double kMaturityYears = 30.0 / 365;

// Updates one second apart whose mid price goes up and down by the same share.
FinanceWindow zigzag_book(double spot, double step, std::uint32_t work_units) {
  FinanceWindow window;
  window.seed = 42;
  window.work_units = work_units;
  for (int i = 0; i < 61; ++i) {
    const auto mid = std::llround(spot * 1e4 * (i % 2 == 0 ? 1 : 1 + step));
    window.updates.push_back({i * 1'000'000'000LL, mid - 50, mid + 50, 10, 10});
  }
  return window;
}

// At the money, no interest.
double black_scholes_call(double spot, double volatility) {
  const double d1 = volatility * std::sqrt(kMaturityYears) / 2;
  return spot * (std::erfc(-d1 / std::sqrt(2.0)) - std::erfc(d1 / std::sqrt(2.0))) / 2;
}

TEST(FinanceKernel, PricesAEuropeanCallAsBlackAndScholesDo) {
  const double step = 1e-4;
  const auto result = run(run_finance_kernel, encoded(zigzag_book(100, step, 2000)));
  ASSERT_EQ(result.size(), 6u);
  EXPECT_EQ(result[0], 61);
  EXPECT_EQ(result[1], 100'000'000);
  const double volatility = std::log1p(step) * std::sqrt(365.0 * 24 * 3600);
  EXPECT_NEAR(static_cast<double>(result[2]) * 1e-6, volatility, 1e-3);
  const double error = static_cast<double>(result[5]) * 1e-6;
  EXPECT_GT(error, 0);
  EXPECT_LT(error, 0.05);
  EXPECT_NEAR(static_cast<double>(result[3]) * 1e-6,
              black_scholes_call(100, static_cast<double>(result[2]) * 1e-6), 4 * error);
}

// An average of the path varies less than its end. For a small volatility the price of the Asian
// call with n dates is that of a European one with volatility * sqrt((n + 1)(2n + 1) / (6 n^2)).
TEST(FinanceKernel, PricesAnAsianCallBelowTheEuropeanByTheKnownRatio) {
  const auto result = run(run_finance_kernel, encoded(zigzag_book(100, 2e-5, 2000)));
  const double ratio = static_cast<double>(result[4]) / static_cast<double>(result[3]);
  EXPECT_NEAR(ratio, std::sqrt(9.0 * 17 / (6 * 64)), 0.01);
}

TEST(FinanceKernel, HalvesItsErrorWithFourTimesTheWork) {
  const auto little = run(run_finance_kernel, encoded(zigzag_book(100, 1e-4, 100)));
  const auto much = run(run_finance_kernel, encoded(zigzag_book(100, 1e-4, 400)));
  EXPECT_NEAR(static_cast<double>(little[5]) / static_cast<double>(much[5]), 2, 0.2);
}

TEST(FinanceKernel, GivesTheSameResultForTheSamePayloadAndAnotherForAnotherSeed) {
  FinanceWindow window = zigzag_book(100, 1e-4, 10);
  const auto first = run(run_finance_kernel, encoded(window));
  EXPECT_EQ(first, run(run_finance_kernel, encoded(window)));
  window.seed = 43;
  EXPECT_NE(first, run(run_finance_kernel, encoded(window)));
}

TEST(FinanceKernel, KeepsAPriceThatNeverMovesAtTheLeastVolatility) {
  const auto result = run(run_finance_kernel, encoded(zigzag_book(5, 0, 10)));
  EXPECT_EQ(result[2], 10'000);
}

}  // namespace
}  // namespace weir
