// The agent's part in the tree of coordinators: reports and counts up, views, directives and the
// end of an epoch down.

#include <algorithm>
#include <utility>
#include <variant>

#include "runtime/base/check.hpp"
#include "runtime/control/node_agent.hpp"

namespace weir {
namespace {

// Often enough for weights that are fitted every ten seconds.
constexpr Duration kSamplesInterval = std::chrono::seconds(1);

}  // namespace

void NodeAgent::handle(NodeReport& m, RankId from, Instant now) {
  coordinators_.on_message_from_below(std::move(m), from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(MergedView& m, RankId, Instant now) {
  for (const NodeReport& report : m.reports) on_sign(report.node, report.made, now);
  reports_.on_view(m);
}

// From another rank it is for the coordinators here, if there are any, and comes back from them.
void NodeAgent::handle(CountRequest& m, RankId from, Instant now) {
  if (from != self_ && !coordinators_.empty()) {
    coordinators_.on_message_from_above(m, from, now);
    hear_coordinators(now);
    return;
  }
  const SpawnCounts spawned = executor_.spawn_counts();
  CountAnswer answer{m.epoch, m.round, counts_.submitted + spawned.started,
                     counts_.completed + spawned.finished, exhausted()};
  if (place_.leaf == self_) {
    handle(answer, self_, now);
  } else {
    ++answers_sent_;
    transport_.send(place_.leaf, answer);
  }
}

void NodeAgent::handle(CountAnswer& m, RankId from, Instant now) {
  coordinators_.on_message_from_below(m, from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(EpochEnd& m, RankId from, Instant now) {
  if (from == self_ || coordinators_.empty()) {
    const bool is_known = !left_.empty() && m.epoch <= ended_epochs_;  // by a farewell
    if (!is_known) end_epoch(m.epoch, now);
    return;
  }
  coordinators_.on_message_from_above(m, from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(SubtreeReport& m, RankId from, Instant now) {
  coordinators_.on_message_from_below(std::move(m), from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(EntryNodes& m, RankId from, Instant now) {
  coordinators_.on_message_from_below(std::move(m), from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(ContentionReport& m, RankId from, Instant now) {
  coordinators_.on_message_from_below(std::move(m), from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(ContentionOutlook& m, RankId from, Instant now) {
  if (from != self_ && !coordinators_.empty()) {
    coordinators_.on_message_from_above(std::move(m), from, now);
    hear_coordinators(now);
    return;
  }
  meter_.on_contention(m);
}

void NodeAgent::handle(CapacityReport& m, RankId from, Instant now) {
  coordinators_.on_message_from_below(std::move(m), from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(CapacityOrder& m, RankId from, Instant now) {
  if (from != self_ && !coordinators_.empty()) {
    coordinators_.on_message_from_above(m, from, now);
    hear_coordinators(now);
    return;
  }
  if (capacity_) capacity_->on_order(m, now);
}

void NodeAgent::handle(ServiceSamples& m, RankId from, Instant now) {
  coordinators_.on_message_from_below(std::move(m), from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(EstimatorWeights& m, RankId, Instant) { policy_.on_weights(m); }

void NodeAgent::handle(WeightsReport& m, RankId from, Instant now) {
  coordinators_.on_message_from_below(std::move(m), from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(AverageWeights& m, RankId from, Instant now) {
  coordinators_.on_message_from_above(std::move(m), from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(Directive& m, RankId, Instant now) {
  guide_.on_directive(std::move(m), now);
  follow_guide(now);
}

void NodeAgent::handle(Outlook& m, RankId from, Instant now) {
  if (from != self_ && !coordinators_.empty()) {
    coordinators_.on_message_from_above(std::move(m), from, now);
    hear_coordinators(now);
    return;
  }
  cluster_.see(m.others);
  for (const EntryCluster& cluster : m.others) {
    for (const EntryNode& node : cluster.nodes) {
      on_sign(node.report.node, node.report.made, now);
      if (cluster_.apply(node.report)) policy_.on_report(cluster_.node(node.report.node));
    }
  }
  guide_.on_outlook(std::move(m), now);
  follow_guide(now);
}

void NodeAgent::handle(MoveOrder& m, RankId, Instant now) {
  for (TaskEnd& end : desk_.on_order(m, now)) on_end(std::move(end), self_, now);
  tell_what_moved(now);
}

void NodeAgent::handle(MoveOffer& m, RankId from, Instant now) {
  tokens_.on_arrivals(m.tasks.size());
  desk_.on_move_offer(from, std::move(m), now);
}

void NodeAgent::handle(MoveDone& m, RankId from, Instant now) {
  coordinators_.on_message_from_below(m, from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(MoveQuota& m, RankId from, Instant now) {
  coordinators_.on_message_from_above(std::move(m), from, now);
  hear_coordinators(now);
}

void NodeAgent::handle(StealHint& m, RankId, Instant now) { desk_.on_hint(m, now); }

void NodeAgent::tell_what_moved(Instant now) {
  for (const MoveDone& done : desk_.take_done()) tell_leaf(done, now);
}

void NodeAgent::follow_guide(Instant now) {
  const auto directive = guide_.directive(cluster_, now);
  if (!directive) return;
  directive_expires_ = guide_.expires();
  policy_.on_directive(*directive);
}

void NodeAgent::tell(Instant now) {
  if (auto own = reports_.tell(now)) {
    coordinators_.on_message_from_below(std::move(*own), self_, now);
  }
  if (meter_.has_contention_news() && now - last_contention_ >= kContentionInterval) {
    last_contention_ = now;
    tell_leaf(meter_.contention_report(), now);
  }
  if (coordinators_.empty()) return;
  coordinators_.tell(now);
  hear_coordinators(now);
}

void NodeAgent::tell_capacity(Instant now) {
  capacity_->end_silence(now);
  if (!capacity_->has_report(now)) return;
  while (source_ != nullptr) {
    const auto rise = source_->next_announced(now);
    if (!rise) break;
    capacity_->on_announced(*rise);
  }
  tell_leaf(capacity_->report(now), now);
}

void NodeAgent::tell_samples(Instant now) {
  next_samples_ = now + kSamplesInterval;
  if (auto samples = policy_.take_samples()) tell_leaf(std::move(*samples), now);
}

void NodeAgent::tell_leaf(Message message, Instant now) {
  if (place_.leaf == self_) {
    coordinators_.on_message_from_below(std::move(message), self_, now);
    return;
  }
  ++reports_sent_;
  transport_.send(place_.leaf, std::move(message));
}

// What coordinators on this rank have to say to its node.
void NodeAgent::hear_coordinators(Instant now) {
  while (auto message = coordinators_.take_own()) {
    std::visit([&](auto& m) { handle(m, self_, now); }, *message);
  }
}

// Not before the root's own tasks are complete: until then the answer is known.
void NodeAgent::count_if_due(Instant now) {
  if (!exhausted() || table_.size() > 0) return;
  coordinators_.count_if_due(ended_epochs_ + 1, now);
  hear_coordinators(now);
}

void NodeAgent::end_epoch(std::uint32_t epoch, Instant now) {
  WEIR_CHECK(epoch == ended_epochs_ + 1, "epochs ended out of order");
  WEIR_CHECK(table_.size() == 0, "an epoch ended with tasks under way");
  ended_epochs_ = epoch;
  // Where ranks may die the epoch may turn out not to be over, and there is no other one.
  closed_ = survival_.has_value();
  if (survival_) say_final_word(now);
}

}  // namespace weir
