// The work that tasks do: real computations whose answers can be checked.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/bytes.hpp"

namespace weir {

// Appends the result: 64-bit integers, a pure function of the payload. Keeps no state, so any
// number of threads may call it. Throws std::runtime_error for a payload that is not its window.
using KernelFunction = void (*)(std::span<const std::byte> payload, Bytes& result);

// Reprices two options on the mid price of a book, by Monte Carlo. Result: number of updates, spot,
// yearly volatility, European call, Asian call, standard error of the European one; the last five
// in millionths.
void run_finance_kernel(std::span<const std::byte> payload, Bytes& result);

// Counts words, and pairs of words near each other. Result: words, distinct words, pairs, distinct
// pairs; then the (hash, count) of the 8 most frequent words and of the 8 most frequent pairs,
// zeros where there are fewer; ties go to the smaller hash.
void run_social_kernel(std::span<const std::byte> payload, Bytes& result);

// Spectrum and change point of a sensor window. Result: number of samples, strongest frequency (in
// bins of the padded transform), its share of the power and the mean sample (both in millionths),
// the index of the first sample after the most likely change, the means before and after it
// (millionths), and the confidence that there was a change (thousandths).
void run_iot_kernel(std::span<const std::byte> payload, Bytes& result);

// Ascending.
std::vector<std::string_view> kernel_names();

// Throws Error for an unknown name.
KernelFunction find_kernel(std::string_view name);

}  // namespace weir
