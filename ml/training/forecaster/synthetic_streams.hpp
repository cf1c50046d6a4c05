// Streams to learn from, by seed. Every other one has the shape of a preset of the generators; the
// rest have shapes drawn around it, so that the weights also serve streams that nobody thought of.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "ml/training/forecaster/training_series.hpp"

namespace weir {

// Rates are drawn log-uniformly, so that the weights fit none in particular.
struct SyntheticOptions {
  std::size_t per_kind = 128;  // streams of each kind
  std::size_t bin_count = 3000;
  double least_rate_per_s = 20;
  double most_rate_per_s = 2000;
  std::uint64_t first_seed = 1;  // the streams have seeds from here on, one each
};

// `on_stream(done, all)` is called after each stream; false ends it with those made so far.
std::vector<BinnedStream> synthetic_streams(const SyntheticOptions& options,
                                            const std::function<bool(int, int)>& on_stream = {});

}  // namespace weir
