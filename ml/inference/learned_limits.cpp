#include "ml/inference/learned_limits.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/inference/bounded_feature.hpp"
#include "ml/inference/control_weights.hpp"
#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Of a ratio: 0 where nothing is unusual, or nothing is known.
double logarithm(double ratio) { return ratio > 0 ? std::log(ratio) : 0; }

DenseNetwork of_limits(DenseNetwork network) {
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
  return {bounded_feature(view.queued / workers),
          bounded_feature(std::log1p(view.queued / workers)),
          bounded_feature(view.running / workers),
          bounded_feature((view.all_queued - view.queued) / workers),
          bounded_feature(others_run / workers),
          bounded_feature(1 - view.all_running / workers),
          bounded_feature(is_limited ? 1 : 0),
          bounded_feature(limit / domain),
          bounded_feature(view.running / (limit * std::max(1.0, view.domain_count))),
          bounded_feature(4 * view.offset / domain),
          bounded_feature(2 * logarithm(view.pace)),
          bounded_feature(2 * logarithm(view.slowness)),
          bounded_feature(view.is_slow ? 1 : 0),
          bounded_feature(view.busy_share)};
}

std::vector<std::size_t> LearnedLimits::sizes() {
  return {LimitFeatures::kCount, kHidden, kHidden, kActions};
}

LearnedLimits::LearnedLimits(DenseNetwork network, DecisionWatch* watch)
    : decision_(of_limits(std::move(network)), kHold, watch) {}

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
