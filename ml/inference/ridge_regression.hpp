// Least squares with a penalty on the size of the coefficients (Hoerl and Kennard 1970), for one
// set of inputs and several outputs: normal equations and a Cholesky factor, which is fast enough
// for some hundred inputs and safe with the penalty.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace weir {

class RidgeRegression {
 public:
  RidgeRegression(std::size_t input_count, std::size_t output_count);

  void add(std::span<const double> inputs, std::span<const double> outputs);

  // outputs x inputs, last index fastest. `penalty` is above 0 and a share of the inputs' mean
  // square, so that it means the same at every scale. At least one sample was added.
  std::vector<double> coefficients(double penalty) const;

 private:
  std::size_t input_count_;
  std::size_t output_count_;
  std::vector<double> gram_;   // inputs x inputs, lower triangle
  std::vector<double> cross_;  // outputs x inputs
};

}  // namespace weir
