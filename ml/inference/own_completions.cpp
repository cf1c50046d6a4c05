#include "ml/inference/own_completions.hpp"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

// One task of many times the usual size is no news of the node.
constexpr double kMostRatio = 6;

}  // namespace

void OwnCompletions::add(double ratio, Instant now) {
  const double counted = std::min(ratio, kMostRatio);
  const auto update = [&](Sums& sums, Duration memory) {
    const double share = kept(memory, now);
    sums = {sums.ratios * share + counted, sums.count * share + 1};
  };
  update(short_, kShort);
  update(long_, kLong);
  last_ = now;
  any_ = true;
}

double OwnCompletions::kept(Duration memory, Instant now) const {
  return any_ ? std::exp(-to_seconds(now - last_) / to_seconds(memory)) : 0;
}

OwnCompletions::Memory OwnCompletions::memory(const Sums& sums, Duration length, double as_told,
                                              Instant now) const {
  const double share = kept(length, now);
  const double count = sums.count * share;
  return {count, (sums.ratios * share + as_told) / (count + as_told)};
}

}  // namespace weir
