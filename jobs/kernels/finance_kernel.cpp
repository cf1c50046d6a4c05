// Monte-Carlo repricing. Volatility is the realized one of the mid prices in the window; then
// paths of a geometric Brownian motion from the last mid, each with its mirror image (antithetic
// variates), price an at-the-money European and an Asian call over thirty days at zero interest.

#include <algorithm>
#include <cmath>

#include "jobs/kernels/kernel.hpp"
#include "jobs/kernels/windows.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

// Measured: about 10 us per work unit on a core of 2 to 3 GHz.
constexpr std::uint32_t kPathPairsPerUnit = 26;
constexpr int kSteps = 8;
constexpr double kMaturityYears = 30.0 / 365;
constexpr double kSecondsPerYear = 365.0 * 24 * 3600;
constexpr double kPricesPerUnit = 1e4;

struct Market {
  double spot;
  double volatility;  // Per square root of a year.
};

struct Prices {
  double european;
  double european_error;
  double asian;
};

double mid(const BookUpdate& update) {
  return (static_cast<double>(update.bid) + static_cast<double>(update.ask)) / 2 / kPricesPerUnit;
}

Market estimate(const FinanceWindow& window) {
  double squares = 0;
  for (std::size_t i = 1; i < window.updates.size(); ++i) {
    const double change = std::log(mid(window.updates[i]) / mid(window.updates[i - 1]));
    squares += change * change;
  }
  const double elapsed_s =
      static_cast<double>(window.updates.back().at_ns - window.updates.front().at_ns) * 1e-9;
  // Messages of one cluster lie microseconds apart: a floor of a millisecond keeps their noise from
  // becoming an infinite volatility.
  const double years = std::max(elapsed_s, 1e-3) / kSecondsPerYear;
  return {mid(window.updates.back()), std::clamp(std::sqrt(squares / years), 0.01, 3.0)};
}

Prices simulate(const Market& market, std::uint32_t pairs, std::uint64_t seed) {
  Random random(seed);
  const double step_years = kMaturityYears / kSteps;
  const double drift = -0.5 * market.volatility * market.volatility * step_years;
  const double spread = market.volatility * std::sqrt(step_years);
  double european_sum = 0;
  double european_squares = 0;
  double asian_sum = 0;
  for (std::uint32_t pair = 0; pair < pairs; ++pair) {
    double up = 0;
    double down = 0;
    double up_sum = 0;
    double down_sum = 0;
    for (int step = 0; step < kSteps; ++step) {
      const double shock = spread * random.normal();
      up += drift + shock;
      down += drift - shock;
      up_sum += std::exp(up);
      down_sum += std::exp(down);
    }
    const double european =
        (std::max(std::exp(up) - 1, 0.0) + std::max(std::exp(down) - 1, 0.0)) / 2;
    european_sum += european;
    european_squares += european * european;
    asian_sum += (std::max(up_sum / kSteps - 1, 0.0) + std::max(down_sum / kSteps - 1, 0.0)) / 2;
  }
  const double n = pairs;
  const double mean = european_sum / n;
  const double variance = std::max(european_squares / n - mean * mean, 0.0);
  return {market.spot * mean, market.spot * std::sqrt(variance / n), market.spot * asian_sum / n};
}

}  // namespace

void run_finance_kernel(std::span<const std::byte> payload, Bytes& result) {
  const FinanceWindow window = decode_finance_window(payload);
  const Market market = estimate(window);
  const Prices prices = simulate(market, kPathPairsPerUnit * window.work_units, window.seed);

  ByteWriter out(result);
  out.number(static_cast<std::int64_t>(window.updates.size()));
  for (const double value :
       {market.spot, market.volatility, prices.european, prices.asian, prices.european_error}) {
    out.number(static_cast<std::int64_t>(std::llround(value * 1e6)));
  }
}

}  // namespace weir
