// Could the difference of two policies be chance? If both were the same, each pair of results could
// as well have come the other way round: the test counts how many of these exchanges show a mean
// difference at least as large as the measured one. R. A. Fisher, "The Design of Experiments",
// 1935, chapter 3; for many pairs a sample of the exchanges, B. Phipson and G. Smyth, "Permutation
// p-values should never be zero", 2010.

#pragma once

#include <cstdint>
#include <span>

namespace weir {

struct PermutationOptions {
  int samples = 20000;  // where there are more exchanges than this
  std::uint64_t seed = 1;
};

// Two-sided p-value. Both of one length, in the order of the seeds. The same input gives the same
// number; 1 where there is nothing to exchange.
double paired_permutation_p(std::span<const double> values, std::span<const double> baseline,
                            const PermutationOptions& options = {});

}  // namespace weir
