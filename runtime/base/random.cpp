#include "runtime/base/random.hpp"

#include <bit>
#include <cmath>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

__extension__ using Uint128 = unsigned __int128;

}  // namespace

std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

Random::Random(std::uint64_t seed) {
  std::uint64_t x = seed;
  for (auto& word : state_) {
    word = mix_bits(x);
    x += 0x9e3779b97f4a7c15ULL;
  }
}

Random::Random(std::uint64_t seed, std::uint64_t stream)
    : Random(mix_bits(seed) ^ mix_bits(~stream)) {}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

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

double Random::exponential(double mean) { return -mean * std::log1p(-uniform()); }

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
