#include "ml/inference/learned_limits.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/inference/control_weights.hpp"
#include "runtime/base/check.hpp"

namespace weir {
namespace {

// No feature is beyond this, whatever is counted.
constexpr double kMost = 4;

float bounded(double feature) {
  return std::isfinite(feature) ? static_cast<float>(std::clamp(feature, -kMost, kMost)) : 0;
}

// Of a ratio: 0 where nothing is unusual, or nothing is known.
double logarithm(double ratio) { return ratio > 0 ? std::log(ratio) : 0; }

DenseNetwork checked(DenseNetwork network) {
  WEIR_CHECK(network.sizes() == LearnedLimits::sizes(), "a network that looks at something else");
  return network;
}

}  // namespace

std::array<float, LimitFeatures::kCount> LimitFeatures::of(const LimitView& view) {
  const double domain = std::max(1.0, view.domain_workers);
  const double workers = domain * std::max(1.0, view.domain_count);
  const bool is_limited = view.limit > 0;
  const double limit = is_limited ? view.limit : domain;
  const double others_run = view.all_running - view.running;
  return {bounded(view.queued / workers),
          bounded(std::log1p(view.queued / workers)),
          bounded(view.running / workers),
          bounded((view.all_queued - view.queued) / workers),
          bounded(others_run / workers),
          bounded(1 - view.all_running / workers),
          bounded(is_limited ? 1 : 0),
          bounded(limit / domain),
          bounded(view.running / (limit * std::max(1.0, view.domain_count))),
          bounded(4 * view.offset / domain),
          bounded(2 * logarithm(view.pace)),
          bounded(2 * logarithm(view.slowness)),
          bounded(view.is_slow ? 1 : 0),
          bounded(view.busy_share)};
}

std::vector<std::size_t> LearnedLimits::sizes() {
  return {LimitFeatures::kCount, kHidden, kHidden, kActions};
}

LearnedLimits::LearnedLimits(DenseNetwork network, DecisionWatch* watch)
    : decision_(checked(std::move(network)), kHold, watch) {}

LearnedLimits::LearnedLimits(const WeightFile& weights, const std::string& path,
                             DecisionWatch* watch)
    : LearnedLimits(DenseNetwork(sizes(), weights, "q", path), watch) {}

int LearnedLimits::step(const LimitView& view) {
  return int{decision_.choose(LimitFeatures::of(view))} - kHold;
}

std::optional<WeightFile> limit_weights_of(const std::string& source) {
  return control_weights_of({.kind = LearnedLimits::kKind,
                             .schema = LimitFeatures::kSchema,
                             .option = "--limit-control",
                             .trained = "weir train control --level node"},
                            source);
}

std::optional<LearnedLimits> learned_limits_of(const std::string& source) {
  const std::optional<WeightFile> weights = limit_weights_of(source);
  if (!weights) return std::nullopt;
  return LearnedLimits(*weights, source);
}

}  // namespace weir
