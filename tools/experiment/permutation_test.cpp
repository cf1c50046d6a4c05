#include "tools/experiment/permutation_test.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

// Sums of the same numbers in another order differ by rounding.
constexpr double kSlack = 1e-9;

double sum_with_signs(std::span<const double> differences, std::uint64_t signs) {
  double sum = 0;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    sum += (signs >> (i % 64)) & 1 ? -differences[i] : differences[i];
  }
  return std::abs(sum);
}

double exact_p(std::span<const double> differences, double least) {
  const std::uint64_t exchanges = std::uint64_t{1} << differences.size();
  std::uint64_t extreme = 0;
  for (std::uint64_t signs = 0; signs < exchanges; ++signs) {
    if (sum_with_signs(differences, signs) >= least) ++extreme;
  }
  return static_cast<double>(extreme) / static_cast<double>(exchanges);
}

// The measured order counts as one of the samples.
double sampled_p(std::span<const double> differences, double least,
                 const PermutationOptions& options) {
  Random random(options.seed);
  int extreme = 1;
  for (int i = 0; i < options.samples; ++i) {
    double sum = 0;
    for (std::size_t first = 0; first < differences.size(); first += 64) {
      const std::uint64_t signs = random.next();
      for (std::size_t j = first; j < std::min(first + 64, differences.size()); ++j) {
        sum += (signs >> (j - first)) & 1 ? -differences[j] : differences[j];
      }
    }
    if (std::abs(sum) >= least) ++extreme;
  }
  return static_cast<double>(extreme) / (options.samples + 1.0);
}

}  // namespace

double paired_permutation_p(std::span<const double> values, std::span<const double> baseline,
                            const PermutationOptions& options) {
  WEIR_CHECK(values.size() == baseline.size(), "values without partners");
  std::vector<double> differences;
  double sum = 0;
  double size = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    differences.push_back(values[i] - baseline[i]);
    sum += differences.back();
    size += std::abs(differences.back());
  }
  const double least = std::abs(sum) - kSlack * size;
  const bool few = differences.size() < 30 && (std::uint64_t{1} << differences.size()) <=
                                                  static_cast<std::uint64_t>(options.samples);
  return few ? exact_p(differences, least) : sampled_p(differences, least, options);
}

}  // namespace weir
