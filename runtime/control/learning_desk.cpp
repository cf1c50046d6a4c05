#include "runtime/control/learning_desk.hpp"

#include <algorithm>
#include <utility>

#include "ml/inference/estimator_messages.hpp"
#include "runtime/base/check.hpp"

namespace weir {

LearningDesk::LearningDesk(const CoordinatorRole& role, OnlineLearning mode,
                           const LearningParts& parts)
    : role_(role), mode_(mode), observer_(parts.observer) {
  if (role_.level > 1) {
    below_.resize(role_.children.size());
    return;
  }
  WEIR_CHECK(parts.given != nullptr && parts.trainer != nullptr, "nothing to learn with");
  learner_.emplace(*parts.given, *parts.trainer);
  homes_.resize(role_.children.size());
}

EstimatorWeights LearningDesk::weights() const {
  return message_of(learner_->in_use(), learner_->version(), learner_->fitted_to());
}

void LearningDesk::on(const ServiceSamples& samples, std::size_t position, Instant now, Out& out) {
  if (!learner_) return;
  Home& home = homes_[position];
  if (samples.sequence <= home.sequence) return;
  home = {samples.sequence, now};
  if (const auto sound = samples_of(samples)) learner_->add(*sound, now);
  if (samples.version != learner_->version())
    out.push_back({role_.children[position], 0, weights()});
  next_due_ = std::min(next_due_, now + kTick);
}

void LearningDesk::on(const WeightsReport& report, std::size_t position, Instant now) {
  if (role_.level == 1 || !estimator_of(report.weights)) return;
  below_[position] = report.weights;
  next_due_ = std::min(next_due_, now + kGather);
}

void LearningDesk::on(const AverageWeights& average, Out& out) {
  if (role_.level > 1) {
    pass_down(average, out);
  } else if (const auto sound = estimator_of(average.weights)) {
    learner_->propose(*sound);
  }
}

void LearningDesk::tell(Instant now, Out& out) {
  next_due_ = kNever;
  if (learner_) {
    tell_learned(now, out);
  } else {
    tell_average(out);
  }
}

void LearningDesk::tell_learned(Instant now, Out& out) {
  const std::uint32_t before = learner_->version();
  bool is_rolled_back = false;
  for (LearningEvent& event : learner_->look(now)) {
    event.cluster = role_.rank;
    is_rolled_back |= event.step == LearningStep::kRolledBack;
    if (observer_ != nullptr) observer_->on_learned(event, now);
  }
  if (learner_->version() == before) return;
  for (std::size_t i = 0; i < homes_.size(); ++i) {
    const bool is_there = homes_[i].sequence > 0 && now - homes_[i].heard <= kLongestSilence;
    if (is_there) out.push_back({role_.children[i], 0, weights()});
  }
  // An average goes up no more: it comes from there. What was taken back must not stay in it: then
  // weights that were fitted to nothing take its place.
  const bool is_news_above = learner_->fitted_to() > 0 || is_rolled_back;
  if (mode_ != OnlineLearning::kFederated || role_.parent == kNoRank || !is_news_above) return;
  out.push_back({role_.parent, role_.level + 1, WeightsReport{weights()}});
}

void LearningDesk::tell_average(Out& out) {
  auto average = average_of(below_);
  if (role_.parent == kNoRank) {
    if (average) pass_down({std::move(*average)}, out);
    return;
  }
  if (!average) {
    // All below have taken back what they had: any of it, fitted to nothing, says so.
    average = *std::ranges::find_if(
        below_, [](const EstimatorWeights& each) { return !each.parameters.empty(); });
  }
  out.push_back({role_.parent, role_.level + 1, WeightsReport{std::move(*average)}});
}

void LearningDesk::pass_down(const AverageWeights& average, Out& out) const {
  for (const RankId child : role_.children) out.push_back({child, role_.level - 1, average});
}

std::optional<EstimatorWeights> average_of(const std::vector<EstimatorWeights>& parts) {
  ServiceEstimator average;
  const auto parameters = average.network().parameters();
  std::vector<double> sums(parameters.size());
  std::optional<SeenFeatures> seen;
  std::uint64_t tasks = 0;
  for (const EstimatorWeights& part : parts) {
    const auto estimator = part.sample_count > 0 ? estimator_of(part) : std::nullopt;
    if (!estimator) continue;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += static_cast<double>(part.sample_count) * part.parameters[i];
    }
    if (!seen) seen = estimator->seen();
    seen->add(estimator->seen());
    tasks += part.sample_count;
  }
  if (!seen) return std::nullopt;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    parameters[i] = static_cast<float>(sums[i] / static_cast<double>(tasks));
  }
  average.set_seen(*seen);
  return message_of(average, 0, tasks);
}

}  // namespace weir
