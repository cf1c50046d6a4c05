// The coordinators that sit on one rank, one for each level from the lowest up; on most ranks there
// are none. Brings messages to the one they are for, and what they have to say to the other ranks.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/coordinator.hpp"
#include "runtime/environment/advisor.hpp"
#include "runtime/environment/transport.hpp"

namespace weir {

class CoordinatorStack {
 public:
  // `advisors` by level, where the policy follows a plan; else empty. They and the transport
  // outlive the stack.
  CoordinatorStack(RankId self, std::span<const CoordinatorRole> roles,
                   const CoordinatorOptions& options, std::span<Advisor* const> advisors,
                   Transport& transport);

  // In place of those that were here: these, which know nothing yet. `homes`: who places tasks now,
  // ascending.
  void take_up(std::span<const CoordinatorRole> roles, std::span<const RankId> homes,
               std::span<Advisor* const> advisors);

  bool empty() const { return coordinators_.empty(); }
  bool has_root() const { return !empty() && coordinators_.back().is_root(); }

  // From a child of one of them, which may be this rank's own node.
  void on_message_from_below(Message message, RankId child, Instant now);
  // From the parent of the topmost, on another rank.
  void on_message_from_above(Message message, RankId parent, Instant now);

  bool is_due(Instant now) const { return !empty() && now >= next_due(); }
  Instant next_due() const;
  void tell(Instant now);
  void ask_advisors(Instant now);
  void hand_out_advice(Instant now);
  Instant next_answer() const;
  // With the root here.
  void count_if_due(std::uint32_t epoch, Instant now);
  Instant next_count() const { return coordinators_.back().next_count(); }

  // What they have said to this rank's own node, oldest first; after every call.
  std::optional<Message> take_own();

  // Of the cluster that is coordinated here, where its homes learn; else null.
  const OnlineLearner* learner() const {
    return empty() ? nullptr : coordinators_.front().learner();
  }

  // Messages to other ranks.
  std::uint64_t sent_count() const { return sent_count_; }

 private:
  void coordinate(std::span<const CoordinatorRole> roles, std::span<Advisor* const> advisors);
  void deliver(Coordinator& receiver, Message& message, RankId from, Instant now);
  void send_out(Instant now);

  RankId self_;
  Transport& transport_;
  CoordinatorOptions options_;
  std::vector<Coordinator> coordinators_;
  std::deque<Message> own_;
  Coordinator::Out out_;
  Coordinator::Out sending_;
  std::uint64_t sent_count_ = 0;
};

}  // namespace weir
