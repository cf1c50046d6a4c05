// The agent's part when nodes fall silent: as a home it gives their tasks to others, as a node that
// was silent itself it drops what was taken from it.

#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/control/node_agent.hpp"

namespace weir {
namespace {

// Revoked attempts in one message.
constexpr std::size_t kMostRevoked = 4096;

}  // namespace

void NodeAgent::on_sign(RankId node, Instant made, Instant now) {
  if (is_lost(node)) return;
  if (!suspicion_.on_sign(node, made, now)) return;
  cluster_.set_suspected(node, false);
  if (cluster_.node(node).rank == node) policy_.on_report(cluster_.node(node));
}

std::vector<RankId> NodeAgent::nodes_with_business() const {
  std::vector<RankId> ranks;
  if (survival_) ranks = neighbours();
  for (const NodeView& node : cluster_.nodes()) {
    const bool has_some = node.own_in_flight > 0 || unbound_.has_some_at(node.rank);
    if (has_some && node.rank != self_) ranks.push_back(node.rank);
  }
  return ranks;
}

// Without a node that works nothing could be placed.
bool NodeAgent::may_suspect(RankId node) const {
  return survival_ || std::ranges::any_of(cluster_.nodes(), [node](const NodeView& other) {
           return other.rank != node && capacity(other) > 0;
         });
}

// In every look, not only when a node becomes suspect: tasks may come to it later, by a move that
// was under way.
void NodeAgent::look_for_silent(Instant now) {
  for (const MovedBatch& own : desk_.give_up_on_thieves(now)) {
    MovedBatch moved = own;
    handle(moved, self_, now);
  }
  const auto& found = suspicion_.look(nodes_with_business(), now);
  for (const RankId node : found.ask) transport_.send(node, Probe{});
  bool is_news = false;
  for (const RankId node : found.silent) {
    if (!may_suspect(node)) continue;
    is_news = true;
    suspicion_.suspect(node, now);
    ++counts_.suspicions;
    cluster_.set_suspected(node, true);
    if (cluster_.node(node).rank == node) policy_.on_report(cluster_.node(node));
  }
  if (suspicion_.suspect_count() == 0) return;
  std::vector<RankId> deserted;
  for (const NodeView& node : cluster_.nodes()) {
    if (suspicion_.suspects(node.rank) && node.own_in_flight > 0) deserted.push_back(node.rank);
  }
  for (const RankId node : deserted) {
    give_elsewhere(node, now);
    if (is_lost(node)) fail_what_stays(node, now);
  }
  if (is_news && unbound_.size() > 0) {
    unbound_.reserve_again([this](RankId node) { return suspicion_.suspects(node); }, now);
  }
  // A copy, because the findings change when some are out.
  if (survival_) exclude(std::vector<RankId>(found.lost), true, now);
}

// At most once, nowhere else, or at no further rank.
bool NodeAgent::must_stay(const TaskEntry& entry) const {
  return entry.target != kNoRank || (entry.header.flags & kNoRerun) != 0 ||
         (survival_ && entry.lost >= survival_->options().most_losses);
}

// What has not left yet keeps its attempt. What may run there gets a new one, unless it must stay:
// then it waits until the node is back.
void NodeAgent::give_elsewhere(RankId node, Instant now) {
  for (const Task& task : router_.take_back(node)) {
    TaskEntry* entry = table_.find_attempt(task.header.id, task.header.attempt);
    WEIR_CHECK(entry != nullptr, "a task that waits for credit is not under way");
    cluster_.on_failed(node, entry->header.task_class);
    place(*entry, now);
  }
  Revocation revoked;
  table_.for_each([&](const TaskEntry& entry) {
    if (entry.node == node && !must_stay(entry)) {
      revoked.attempts.push_back({entry.header.id, entry.header.attempt});
    }
  });
  for (const auto& [task, attempt] : revoked.attempts) {
    TaskEntry* entry = table_.find_attempt(task, attempt);
    WEIR_CHECK(entry != nullptr, "a task is under way and is not");
    cluster_.on_failed(node, entry->header.task_class);
    ++entry->header.attempt;
    ++entry->reissued;
    entry->deserted = node;
    ++counts_.reissued;
    place(*entry, now);
  }
  for (std::size_t i = 0; i < revoked.attempts.size(); i += kMostRevoked) {
    const auto first = revoked.attempts.begin() + static_cast<std::ptrdiff_t>(i);
    const auto count = std::min(kMostRevoked, revoked.attempts.size() - i);
    transport_.send(node, Revocation{{first, first + static_cast<std::ptrdiff_t>(count)}});
  }
}

void NodeAgent::handle(Revocation& m, RankId from, Instant now) { host_.revoke(from, m, now); }

}  // namespace weir
