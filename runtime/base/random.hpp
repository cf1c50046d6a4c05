// Seeded randomness: xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number
// generators", ACM TOMS 47, 2021), seeded through SplitMix64. The same seed gives the same numbers
// on every platform, which std:: distributions do not promise.

#pragma once

#include <array>
#include <cstdint>

namespace weir {

// One step of SplitMix64, also good as a hash of a 64-bit number.
std::uint64_t mix_bits(std::uint64_t x);

class Random {
 public:
  explicit Random(std::uint64_t seed);
  // An independent sequence for part `stream` of what `seed` governs.
  Random(std::uint64_t seed, std::uint64_t stream);

  std::uint64_t next();
  // In [0, 1).
  double uniform();
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
