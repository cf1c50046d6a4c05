// When a learned policy leaves placements to the rule beside it, and for how long:
//
// - it thinks for too long (too_slow);
// - it says worse of service times than nodes tell (worse_estimates, estimate_watch.hpp);
// - responses are slower than with the rule (slower_responses, switchback.hpp), for a term where
//   that is sure and for a second now and then where it is likely;
// - or the rule has its turn to be compared with (comparison).
//
// The first three last for a term, and every further term for the same reason is twice as long. The
// network's estimates are watched in a term too, and it does not come back with worse estimates.
// What concerns one placement or one node alone is not decided here (learned_policy.hpp).

#pragma once

#include <optional>

#include "ml/inference/estimate_watch.hpp"
#include "ml/inference/switchback.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/policy/decision_counts.hpp"

namespace weir {

// What is known of a placement when its task comes back.
struct GuardedPlacement {
  Instant placed{};
  bool by_network = false;
  // The correction of the node's service, a logarithm, if it had told of one.
  std::optional<double> correction;
};

// Instants do not go back.
class PlacementGuard {
 public:
  // Long enough that a network which is slower for good, and has a few seconds to show it at the
  // end of each term, costs little.
  static constexpr Duration kFirstTerm = std::chrono::seconds(30);
  static constexpr Duration kLongestTerm = std::chrono::minutes(5);
  // The network's part of one placement.
  static constexpr Duration kLongestThought = std::chrono::microseconds(200);

  // Why a placement now is the rule's; nothing: the network may decide.
  std::optional<GuardReason> reason_for_rule(Instant now);

  // The network has other weights, which go on from those before. What was found out of the
  // estimates of those is forgotten, and a term for it ends. So is harm to responses where it was
  // sure, and they are compared as after a term. Where it was only likely it is not: better
  // estimates need not make responses faster, and the newest two minutes will show whether they do.
  // Terms to come are as long as they would have been.
  void forget_weights();

  // The network has thought that long.
  void on_thought(Duration thought, Instant now);
  // A task has come back that took `ratio` times as long as its node had told.
  void on_completion(const GuardedPlacement& placement, ClassId task_class, Duration response,
                     double ratio);

 private:
  struct Term {
    Instant end{};
    Duration next = kFirstTerm;

    bool lasts_at(Instant now) const { return now < end; }
    void begin(Instant now);
  };

  bool estimates_are_worse(Instant now);
  bool responses_are_slower(Instant now);

  EstimateWatch estimates_;
  Switchback responses_;
  Term slow_;
  Term worse_;
  Term slower_;
  bool is_worse_ = false;
  bool is_slower_ = false;
  int slow_thoughts_ = 0;
};

}  // namespace weir
