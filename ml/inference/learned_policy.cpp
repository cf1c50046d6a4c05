#include "ml/inference/learned_policy.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/inference/estimator_messages.hpp"
#include "ml/inference/learned_planner.hpp"
#include "ml/inference/price_features.hpp"
#include "runtime/base/check.hpp"
#include "runtime/policy/price_planner.hpp"

namespace weir {

namespace {

// Placements that are remembered. Those of tasks that never come back go when all are forgotten, at
// so many.
constexpr std::size_t kMostOpen = 65536;

}  // namespace

LearnedPolicy::LearnedPolicy(const LearnedOptions& options, ServiceEstimator estimator)
    : options_(options), estimator_(std::move(estimator)), random_(options.seed) {}

RankId LearnedPolicy::place(const TaskView& task, const ClusterView& cluster) {
  now_ = cluster.now;
  const PricedTask priced{.task_class = task.task_class,
                          .work_s = mean_work_s(cluster, task.task_class),
                          .slack = task.slack,
                          .self = cluster.self};
  look_at_nodes(priced, cluster);
  WEIR_CHECK(!candidates_.empty(), "no node with capacity to choose from");
  const Candidate* chosen = &candidates_.front();
  const RankId by_rule = chosen->node->rank;
  std::optional<GuardReason> reason;
  if (options_.guarded) reason = guard_.reason_for_rule(now_);
  last_sample_ = {};
  if (reason != GuardReason::kTooSlow) {
    const Candidate* const by_network = ask_network(priced, cluster);
    if (!reason && by_network == nullptr) reason = GuardReason::kNotFinite;
    if (!reason && options_.guarded && !all_have_told()) reason = GuardReason::kUntold;
    if (!reason) chosen = by_network;
    last_sample_ = {features_[static_cast<std::size_t>(chosen - candidates_.data())],
                    chosen->told_s};
  }
  count(reason, *chosen, by_rule);
  if (options_.guarded || options_.most_samples > 0) keep(task.id, reason, *chosen);
  return chosen->node->rank;
}

void LearnedPolicy::on_completion(TaskId task, RankId node, ClassId task_class, Duration response,
                                  Duration service) {
  sight_.on_completion(node, task_class, service, now_);
  const auto open = open_.find(task);
  if (open == open_.end()) return;
  const Open ended = open->second;
  open_.erase(open);
  GuardedPlacement placement = ended.placement;
  const double ratio = to_seconds(service) / ended.told_s;
  // A task that was moved says nothing of the node it was placed at.
  const bool was_moved = node != ended.node;
  if (was_moved) placement.correction.reset();
  if (options_.guarded && ended.version == version_) {
    guard_.on_completion(placement, task_class, response, ratio);
  }
  if (ended.told_s <= 0 || was_moved || service <= Duration::zero()) return;
  keep_sample({ended.features, static_cast<float>(ratio)});
}

// J. Vitter, "Random sampling with a reservoir", ACM TOMS 11, 1985: algorithm R.
void LearnedPolicy::keep_sample(const ServiceSample& sample) {
  if (options_.most_samples == 0) return;
  ++ended_;
  if (samples_.size() < options_.most_samples) {
    samples_.push_back(sample);
    return;
  }
  const std::uint64_t place = random_.below(ended_);
  if (place < samples_.size()) samples_[place] = sample;
}

std::optional<ServiceSamples> LearnedPolicy::take_samples() {
  if (samples_.empty()) return std::nullopt;
  ServiceSamples message{++sequence_, version_, rows_of(samples_)};
  samples_.clear();
  ended_ = 0;
  return message;
}

void LearnedPolicy::on_weights(const EstimatorWeights& weights) {
  if (weights.version <= version_) return;
  auto estimator = estimator_of(weights);
  if (!estimator) return;
  estimator_ = std::move(*estimator);
  version_ = weights.version;
  guard_.forget_weights();
}

void LearnedPolicy::count(std::optional<GuardReason> reason, const Candidate& chosen,
                          RankId by_rule) {
  if (!reason && !chosen.is_known) reason = GuardReason::kOutOfDistribution;
  ++counts_.placements;
  counts_.differing += chosen.node->rank == by_rule ? 0 : 1;
  if (reason) {
    ++counts_[*reason].placements;
    counts_[*reason].times += reason == last_reason_ ? 0 : 1;
  }
  last_reason_ = reason;
}

void LearnedPolicy::keep(TaskId task, std::optional<GuardReason> reason, const Candidate& chosen) {
  if (open_.size() >= kMostOpen) open_.clear();
  // In its turn, a network that leaves some to the rule is compared as it is.
  const bool by_network = !reason || reason == GuardReason::kUntold;
  Open open{.placement = {.placed = now_, .by_network = by_network},
            .node = chosen.node->rank,
            .told_s = last_sample_.told_s,
            .features = last_sample_.features,
            .version = version_};
  if (chosen.told_s > 0 && chosen.correction) open.placement.correction = chosen.correction;
  open_.insert_or_assign(task, open);
}

std::unique_ptr<Planner> LearnedPolicy::make_planner(int level) const {
  auto rule = std::make_unique<PricePlanner>(options_.rule.planner);
  if (options_.prices == nullptr || level > 1) return rule;
  return std::make_unique<LearnedPlanner>(std::move(rule), *options_.prices);
}

void LearnedPolicy::on_directive(const Directive& directive) {
  log_prices_ = directive.log_prices;
  if (log_prices_.empty()) return;
  bool is_pricing = false;
  for (auto& of_class : log_prices_) {
    for (float& log_price : of_class) {
      // Whatever the coordinator says.
      if (!std::isfinite(log_price)) log_price = 0;
      log_price =
          std::clamp(log_price, -PriceFeatures::kMostLogPrice, PriceFeatures::kMostLogPrice);
      is_pricing = is_pricing || log_price != 0;
    }
  }
  ++counts_.directives;
  counts_.pricing_directives += is_pricing ? 1 : 0;
}

void LearnedPolicy::look_at_nodes(const PricedTask& task, const ClusterView& cluster) {
  sight_.look(cluster, task.task_class);
  candidates_.clear();
  for (const NodeView& node : cluster.nodes) {
    if (capacity(node) <= 0) continue;
    const double told_s = node.mean_service_s[task.task_class.value()];
    Candidate& candidate = candidates_.emplace_back(
        Candidate{&node, told_s, expected_service_s(node, task.task_class, task.work_s)});
    candidate.cost_s = cost_s(candidate, task, cluster);
  }
  const std::size_t kept = std::min(kCandidates, candidates_.size());
  std::partial_sort(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(kept),
                    candidates_.end());
  candidates_.resize(kept);
}

bool LearnedPolicy::all_have_told() const {
  return std::ranges::all_of(candidates_, [](const Candidate& each) { return each.told_s > 0; });
}

double LearnedPolicy::cost_s(const Candidate& candidate, const PricedTask& task,
                             const ClusterView& cluster) const {
  const NodeView& node = *candidate.node;
  return priced_cost(node, task, candidate.service_s, homes_at(node, cluster), 0, options_.rule)
      .total_s;
}

const LearnedPolicy::Candidate* LearnedPolicy::ask_network(const PricedTask& task,
                                                           const ClusterView& cluster) {
  const Instant begin = options_.clock ? options_.clock() : Instant{};
  features_.assign(candidates_.size(), {});
  corrections_.resize(candidates_.size());
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (candidates_[i].told_s <= 0) continue;
    features_[i] = sight_.features_of(*candidates_[i].node, cluster);
  }
  estimator_.evaluate(features_, corrections_);
  const Candidate* chosen = nullptr;
  if (correct_services()) {
    price_services(task.task_class);
    for (Candidate& candidate : candidates_) {
      candidate.cost_s = cost_s(candidate, task, cluster);
      if (chosen == nullptr || candidate < *chosen) chosen = &candidate;
    }
  }
  if (options_.clock) guard_.on_thought(options_.clock() - begin, now_);
  return chosen;
}

bool LearnedPolicy::correct_services() {
  double sum = 0;
  int corrected = 0;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    Candidate& candidate = candidates_[i];
    if (candidate.told_s <= 0) continue;
    if (!std::isfinite(corrections_[i])) return false;
    candidate.is_known = !options_.guarded || estimator_.knows_the_like_of(features_[i]);
    if (!candidate.is_known) continue;
    candidate.correction = corrections_[i];
    sum += corrections_[i];
    ++corrected;
  }
  const double mean = corrected > 0 ? sum / corrected : 0;
  for (Candidate& candidate : candidates_) {
    if (candidate.told_s > 0) candidate.service_s *= std::exp(candidate.correction.value_or(mean));
  }
  return true;
}

void LearnedPolicy::price_services(ClassId task_class) {
  if (task_class.value() >= log_prices_.size()) return;
  const std::vector<float>& of_class = log_prices_[task_class.value()];
  for (Candidate& candidate : candidates_) {
    const auto position = static_cast<std::size_t>(candidate.node->rank.value());
    if (position < of_class.size()) candidate.service_s *= std::exp(double{of_class[position]});
  }
}

}  // namespace weir
