#include "ml/inference/placement_guard.hpp"

#include <algorithm>

namespace weir {
namespace {

// So many more thoughts that are too long than such that are not, and the network is slow: a thread
// that loses its core now and then is not.
constexpr int kSlowThoughts = 8;

}  // namespace

void PlacementGuard::Term::begin(Instant now) {
  end = now + next;
  next = std::min(2 * next, kLongestTerm);
}

std::optional<GuardReason> PlacementGuard::reason_for_rule(Instant now) {
  if (slow_.lasts_at(now)) return GuardReason::kTooSlow;
  if (estimates_are_worse(now)) return GuardReason::kWorseEstimates;
  if (responses_are_slower(now)) return GuardReason::kSlowerResponses;
  if (responses_.is_rules_turn(now)) return GuardReason::kComparison;
  if (responses_.is_doubted(now)) return GuardReason::kSlowerResponses;
  return std::nullopt;
}

bool PlacementGuard::estimates_are_worse(Instant now) {
  if (worse_.lasts_at(now)) return true;
  // A term that has ended goes on where they have not become better meanwhile.
  is_worse_ = is_worse_ ? !estimates_.harmless() : estimates_.harmful();
  if (is_worse_) worse_.begin(now);
  return is_worse_;
}

bool PlacementGuard::responses_are_slower(Instant now) {
  if (slower_.lasts_at(now)) return true;
  if (is_slower_) responses_.restart(now);
  is_slower_ = responses_.finds_harm(now);
  if (is_slower_) slower_.begin(now);
  return is_slower_;
}

void PlacementGuard::forget_weights() {
  estimates_ = {};
  worse_.end = Instant{};
  is_worse_ = false;
  if (!is_slower_) return;
  // Still set, so that the comparison begins as after a term.
  responses_.forget();
  slower_.end = Instant{};
}

void PlacementGuard::on_thought(Duration thought, Instant now) {
  slow_thoughts_ = std::max(0, slow_thoughts_ + (thought > kLongestThought ? 1 : -1));
  if (slow_thoughts_ < kSlowThoughts) return;
  slow_thoughts_ = 0;
  slow_.begin(now);
}

void PlacementGuard::on_completion(const GuardedPlacement& placement, ClassId task_class,
                                   Duration response, double ratio) {
  if (placement.correction) estimates_.add(ratio, *placement.correction);
  responses_.add(placement.placed, placement.by_network, task_class, response);
}

}  // namespace weir
