#include "ml/training/experience/n_step_window.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

bool is_finite(const Transition& transition) {
  const auto all = [](const std::vector<float>& features) {
    return std::ranges::all_of(features, [](float feature) { return std::isfinite(feature); });
  };
  for (const Observation* seen : {&transition.observation, &transition.next}) {
    if (!all(seen->nodes) || !all(seen->classes) || !all(seen->context)) return false;
  }
  return std::isfinite(transition.reward) && std::isfinite(transition.discount);
}

NStepWindow::NStepWindow(NStepOptions options) : options_(options) {
  WEIR_CHECK(options_.steps > 0, "a transition over no step");
  WEIR_CHECK(options_.discount >= 0 && options_.discount <= 1, "a discount that is none");
}

void NStepWindow::begin(Observation first) {
  waiting_.clear();
  latest_ = std::move(first);
}

std::vector<Transition> NStepWindow::add(const Actions& actions, const Step& step,
                                         bool is_demonstration) {
  waiting_.push_back({.observation = std::move(latest_),
                      .actions = actions,
                      .discount = 1,
                      .is_demonstration = is_demonstration});
  for (Transition& transition : waiting_) {
    transition.reward += transition.discount * step.reward;
    transition.discount *= options_.discount;
  }
  latest_ = step.observation;
  std::vector<Transition> whole;
  const bool is_over = step.state != EpisodeState::kRunning;
  while (waiting_.size() >= options_.steps || (is_over && !waiting_.empty())) {
    Transition& oldest = waiting_.front();
    oldest.next = step.observation;
    if (step.state == EpisodeState::kEnded) oldest.discount = 0;
    whole.push_back(std::move(oldest));
    waiting_.pop_front();
  }
  return whole;
}

}  // namespace weir
