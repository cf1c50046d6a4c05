// Seeded randomness: xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number
// generators", ACM TOMS 47, 2021), seeded through SplitMix64. The same seed gives the same numbers
// on every platform, which std:: distributions do not promise.

#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace weir {

// One step of SplitMix64, also good as a hash of a 64-bit number.
constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    std::uint64_t x = seed;
    for (auto& word : state_) {
      word = mix_bits(x);
      x += 0x9e3779b97f4a7c15ULL;
    }
  }
  // An independent sequence for part `stream` of what `seed` governs.
  Random(std::uint64_t seed, std::uint64_t stream) : Random(mix_bits(seed) ^ mix_bits(~stream)) {}

  std::uint64_t next() {
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
  // In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  // In [0, bound), without bias. bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Mean `mean`, in the same unit.
  double exponential(double mean);
  // Mean 0, variance 1 (Marsaglia's polar method).
  double normal();

  // For std::shuffle and the like.
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~std::uint64_t{0}; }
  result_type operator()() { return next(); }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace weir
