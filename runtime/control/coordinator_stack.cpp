#include "runtime/control/coordinator_stack.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "runtime/base/check.hpp"

namespace weir {

CoordinatorStack::CoordinatorStack(RankId self, std::span<const CoordinatorRole> roles,
                                   const CoordinatorOptions& options,
                                   std::span<Advisor* const> advisors, Transport& transport)
    : self_(self), transport_(transport), options_(options) {
  coordinate(roles, advisors);
}

void CoordinatorStack::take_up(std::span<const CoordinatorRole> roles,
                               std::span<const RankId> homes, std::span<Advisor* const> advisors) {
  WEIR_CHECK(!homes.empty(), "nobody places tasks");
  options_.lost_home_count = options_.dispatcher_count - static_cast<int>(homes.size());
  options_.further_home = homes.back().value() < options_.dispatcher_count ? kNoRank : homes.back();
  coordinate(roles, advisors);
}

void CoordinatorStack::coordinate(std::span<const CoordinatorRole> roles,
                                  std::span<Advisor* const> advisors) {
  WEIR_CHECK(advisors.empty() || advisors.size() == roles.size(),
             "not every coordinator has an advisor");
  coordinators_.clear();
  own_.clear();
  out_.clear();
  for (std::size_t i = 0; i < roles.size(); ++i) {
    coordinators_.emplace_back(roles[i], options_, advisors.empty() ? nullptr : advisors[i]);
  }
}

void CoordinatorStack::on_message_from_below(Message message, RankId child, Instant now) {
  const auto receiver = std::ranges::find_if(
      coordinators_, [child](const Coordinator& each) { return each.has_child(child); });
  WEIR_CHECK(receiver != coordinators_.end(), "a rank took this one for its coordinator");
  deliver(*receiver, message, child, now);
  send_out(now);
}

void CoordinatorStack::on_message_from_above(Message message, RankId parent, Instant now) {
  WEIR_CHECK(!empty(), "a rank took this one for a coordinator");
  deliver(coordinators_.back(), message, parent, now);
  send_out(now);
}

void CoordinatorStack::deliver(Coordinator& receiver, Message& message, RankId from, Instant now) {
  std::visit(
      [&](auto& m) {
        if constexpr (requires { receiver.on(m, from, now, out_); }) {
          receiver.on(m, from, now, out_);
        } else {
          WEIR_CHECK(false, "a coordinator was told what it has no use for");
        }
      },
      message);
}

// What is for a coordinator on this rank may have it say more, which comes after all the rest.
void CoordinatorStack::send_out(Instant now) {
  while (!out_.empty()) {
    std::swap(sending_, out_);
    for (Outgoing& each : sending_) {
      if (each.to != self_) {
        ++sent_count_;
        transport_.send(each.to, std::move(each.message));
      } else if (each.level == 0) {
        own_.push_back(std::move(each.message));
      } else {
        deliver(coordinators_[static_cast<std::size_t>(each.level - 1)], each.message, self_, now);
      }
    }
    sending_.clear();
  }
}

Instant CoordinatorStack::next_due() const {
  Instant next = kNever;
  for (const Coordinator& each : coordinators_) next = std::min(next, each.next_due());
  return next;
}

void CoordinatorStack::tell(Instant now) {
  for (Coordinator& each : coordinators_) each.tell(now, out_);
  send_out(now);
}

void CoordinatorStack::ask_advisors(Instant now) {
  for (Coordinator& each : coordinators_) each.ask_advisor(now);
}

void CoordinatorStack::hand_out_advice(Instant now) {
  for (Coordinator& each : coordinators_) each.hand_out_advice(now, out_);
  send_out(now);
}

Instant CoordinatorStack::next_answer() const {
  Instant next = kNever;
  for (const Coordinator& each : coordinators_) next = std::min(next, each.next_answer());
  return next;
}

void CoordinatorStack::count_if_due(std::uint32_t epoch, Instant now) {
  coordinators_.back().count_if_due(epoch, now, out_);
  send_out(now);
}

std::optional<Message> CoordinatorStack::take_own() {
  if (own_.empty()) return std::nullopt;
  Message oldest = std::move(own_.front());
  own_.pop_front();
  return oldest;
}

}  // namespace weir
