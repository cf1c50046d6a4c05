#include "ml/inference/dense_decision.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir {

DenseDecision::DenseDecision(DenseNetwork network, std::uint8_t hold, DecisionWatch* watch)
    : network_(std::move(network)), hold_(hold), watch_(watch), values_(network_.sizes().back()) {}

std::uint8_t DenseDecision::choose(std::span<const float> features) {
  network_.evaluate(features, 1, values_);
  std::uint8_t action = hold_;
  if (std::ranges::all_of(values_, [](float value) { return std::isfinite(value); })) {
    const auto best = std::ranges::max_element(values_);
    if (*best > values_[hold_]) action = static_cast<std::uint8_t>(best - values_.begin());
  }
  if (watch_ != nullptr) watch_->on_decision(features, values_, action);
  ++decisions_;
  differing_ += action == hold_ ? 0 : 1;
  return action;
}

}  // namespace weir
