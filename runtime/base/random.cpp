#include "runtime/base/random.hpp"

#include <cmath>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

__extension__ using Uint128 = unsigned __int128;

}  // namespace

std::uint64_t Random::below(std::uint64_t bound) {
  WEIR_CHECK(bound > 0, "the bound of a random number is zero");
  // Lemire, "Fast random integer generation in an interval", 2019.
  Uint128 product = static_cast<Uint128>(next()) * bound;
  if (auto low = static_cast<std::uint64_t>(product); low < bound) {
    const std::uint64_t threshold = -bound % bound;
    while (low < threshold) {
      product = static_cast<Uint128>(next()) * bound;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Random::exponential(double mean) {
  // 1 - u is exact for every u that uniform() can give, and log() is faster than log1p().
  return -mean * std::log(1 - uniform());
}

double Random::normal() {
  double u = 0;
  double s = 0;
  do {
    u = 2 * uniform() - 1;
    const double v = 2 * uniform() - 1;
    s = u * u + v * v;
  } while (s >= 1 || s == 0);
  return u * std::sqrt(-2 * std::log(s) / s);
}

}  // namespace weir
