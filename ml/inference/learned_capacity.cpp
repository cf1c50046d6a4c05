#include "ml/inference/learned_capacity.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/inference/bounded_feature.hpp"
#include "ml/inference/control_weights.hpp"
#include "runtime/base/check.hpp"

namespace weir {
namespace {

DenseNetwork of_capacity(DenseNetwork network) {
  WEIR_CHECK(network.sizes() == LearnedCapacity::sizes(), "a network that looks at something else");
  return network;
}

}  // namespace

std::span<const float> CapacityFeatures::look(const CapacityView& view, double last_factor) {
  recent_.push_back(view.recent_work);
  if (recent_.size() > kRemembered) recent_.pop_front();
  const double installed = view.installed > 0 ? view.installed : 1;
  // What arrived so many seconds ago, as far as that is remembered.
  const auto rise_since = [&](std::size_t seconds) {
    const std::size_t back = std::min(seconds, recent_.size() - 1);
    return (view.recent_work - recent_[recent_.size() - 1 - back]) / installed;
  };
  features_.clear();
  const auto add = [&](double feature) { features_.push_back(bounded_feature(feature)); };
  add(view.wanted / installed);
  add(view.recent_work / installed);
  add(4 * (view.newest_work - view.recent_work) / installed);
  add(4 * rise_since(1));
  add(4 * rise_since(5));
  add(4 * rise_since(15));
  add(std::min(1.0, view.waiting_work / installed));
  add(view.waiting_work > 0 ? std::log1p(view.waiting_work) / 4 : 0);
  add(view.running / installed);
  add(view.wanted > 0 ? view.running / view.wanted : 0);
  add(view.wanted > 0 ? view.recent_work / view.wanted : 0);
  for (const CapacityView::Likely& likely : view.forecast) {
    add(4 * (likely.median - view.recent_work) / installed);
    add(4 * (likely.high - likely.median) / installed);
  }
  const bool is_announced = view.event_in_s.has_value();
  add(is_announced ? 1 : 0);
  // It rises within seconds, and what is switched on now takes some to come.
  add(is_announced ? 1 / (1 + std::max(0.0, *view.event_in_s) / 10) : 0);
  add(4 * std::log(last_factor));
  WEIR_CHECK(features_.size() == kCount, "features of another schema");
  return features_;
}

std::vector<std::size_t> LearnedCapacity::sizes() {
  return {CapacityFeatures::kCount, kHidden, kHidden, kFactors.size()};
}

LearnedCapacity::LearnedCapacity(DenseNetwork network, DecisionWatch* watch)
    : decision_(of_capacity(std::move(network)), kHold, watch) {}

LearnedCapacity::LearnedCapacity(const WeightFile& weights, const std::string& path,
                                 DecisionWatch* watch)
    : LearnedCapacity(DenseNetwork(sizes(), weights, "q", path), watch) {}

double LearnedCapacity::factor(const CapacityView& view) {
  last_factor_ = kFactors[decision_.choose(features_.look(view, last_factor_))];
  return last_factor_;
}

std::unique_ptr<LearnedCapacity> learned_capacity_of(const std::string& source) {
  const std::optional<WeightFile> weights =
      control_weights_of({.kind = LearnedCapacity::kKind,
                          .schema = CapacityFeatures::kSchema,
                          .option = "--capacity-control",
                          .trained = "weir train control --level system"},
                         source);
  return weights ? std::make_unique<LearnedCapacity>(*weights, source) : nullptr;
}

}  // namespace weir
