#include "ml/inference/ridge_regression.hpp"

#include <cmath>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// In place, lower triangle. The matrix is positive definite.
void factorize(std::vector<double>& matrix, std::size_t size) {
  for (std::size_t row = 0; row < size; ++row) {
    double* const a = matrix.data() + row * size;
    for (std::size_t column = 0; column <= row; ++column) {
      const double* const b = matrix.data() + column * size;
      double sum = a[column];
      for (std::size_t k = 0; k < column; ++k) sum -= a[k] * b[k];
      a[column] = column == row ? std::sqrt(sum) : sum / b[column];
    }
  }
}

// Solves L L' x = x in place.
void solve(const std::vector<double>& factor, std::size_t size, double* x) {
  for (std::size_t row = 0; row < size; ++row) {
    for (std::size_t k = 0; k < row; ++k) x[row] -= factor[row * size + k] * x[k];
    x[row] /= factor[row * size + row];
  }
  for (std::size_t row = size; row-- > 0;) {
    for (std::size_t k = row + 1; k < size; ++k) x[row] -= factor[k * size + row] * x[k];
    x[row] /= factor[row * size + row];
  }
}

}  // namespace

RidgeRegression::RidgeRegression(std::size_t input_count, std::size_t output_count)
    : input_count_(input_count),
      output_count_(output_count),
      gram_(input_count * input_count),
      cross_(input_count * output_count) {}

void RidgeRegression::add(std::span<const double> inputs, std::span<const double> outputs) {
  WEIR_CHECK(inputs.size() == input_count_ && outputs.size() == output_count_,
             "a sample of another size");
  for (std::size_t row = 0; row < input_count_; ++row) {
    double* const sums = gram_.data() + row * input_count_;
    for (std::size_t column = 0; column <= row; ++column) {
      sums[column] += inputs[row] * inputs[column];
    }
  }
  for (std::size_t output = 0; output < output_count_; ++output) {
    double* const sums = cross_.data() + output * input_count_;
    for (std::size_t i = 0; i < input_count_; ++i) sums[i] += inputs[i] * outputs[output];
  }
}

std::vector<double> RidgeRegression::coefficients(double penalty) const {
  WEIR_CHECK(penalty > 0, "the penalty is not above zero");
  double mean_square = 0;
  for (std::size_t i = 0; i < input_count_; ++i) mean_square += gram_[i * input_count_ + i];
  mean_square /= static_cast<double>(input_count_);
  std::vector<double> factor = gram_;
  // A series without any change has no mean square; all of its coefficients are zero.
  const double added = penalty * (mean_square > 0 ? mean_square : 1);
  for (std::size_t i = 0; i < input_count_; ++i) factor[i * input_count_ + i] += added;
  factorize(factor, input_count_);
  std::vector<double> result = cross_;
  for (std::size_t output = 0; output < output_count_; ++output) {
    solve(factor, input_count_, result.data() + output * input_count_);
  }
  return result;
}

}  // namespace weir
