// The agent's part when ranks are lost for good: everybody does without them, in a tree that has
// closed over their places, and the tasks of their homes go on at their heirs. A rank that leaves a
// session is lost as well, but nobody takes its place: without it no epoch can end any more.
//
// Ranks do not learn of it at one instant. So every message says whom its sender knows to be out. A
// rank tells what it knows before it says anything else in its new place: messages between two
// ranks come in order, so what coordinators and those below them say is either of one membership,
// or of one that the receiver has left behind already, and then it is dropped: all of it is said
// again anew. Tasks, ends and credit are between two ranks that live, and do not heed it.

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/control/node_agent.hpp"

namespace weir {
namespace {

template <typename M, typename... Types>
constexpr bool kIsOneOf = (std::is_same_v<M, Types> || ...);

// What is said up and down the tree, and counts only in the one in which it was said.
template <typename M>
constexpr bool kIsOfTree =
    kIsOneOf<M, NodeReport, MergedView, CountRequest, CountAnswer, EpochEnd, Directive,
             SubtreeReport, EntryNodes, Outlook, ContentionReport, ContentionOutlook, MoveOrder,
             MoveDone, MoveQuota, StealHint, CapacityReport, CapacityOrder, ServiceSamples,
             EstimatorWeights, WeightsReport, AverageWeights, FinalWord>;

bool is_of_tree(const Message& message) {
  return std::visit([](const auto& m) { return kIsOfTree<std::decay_t<decltype(m)>>; }, message);
}

std::string text_of_loss(RankId node, std::uint32_t lost_before) {
  return "rank " + std::to_string(node.value()) + " has died with this task" +
         (lost_before > 0 ? ", as " + std::to_string(lost_before) +
                                " others before: it may be what they died of"
                          : ", which may run nowhere else or not twice");
}

std::string text_of_farewell(RankId node) {
  return "rank " + std::to_string(node.value()) +
         " has ended its session with this task, which may run nowhere else or not twice";
}

Bytes bytes_of(const std::string& text) {
  const auto* const first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

}  // namespace

bool NodeAgent::heeds(const Envelope& envelope, Instant now) {
  if (survival_->has_ended()) return false;
  if (survival_->members().is_out(envelope.from)) {
    if (survival_->may_tell(envelope.from, now)) transport_.send(envelope.from, all_out());
    return false;
  }
  return envelope.membership == survival_->members().tag() || !is_of_tree(envelope.message);
}

Exclusion NodeAgent::all_out() const {
  const std::set<RankId>& out = survival_->members().out();
  return {{out.begin(), out.end()}};
}

void NodeAgent::handle(Exclusion& m, RankId, Instant now) {
  if (survival_) exclude(m.ranks, false, now);
}

// Who has found it tells everybody; the others tell those who they have to do with, so that it goes
// round even where the first one dies meanwhile.
void NodeAgent::exclude(std::span<const RankId> ranks, bool found_here, Instant now) {
  if (survival_->has_ended()) return;
  const std::vector<RankId> news = survival_->exclude(ranks);
  if (news.empty()) return;
  // One that has lost the others tells nobody that they are out: they may be well.
  if (survival_->is_fenced()) {
    survival_->end();
    return;
  }
  if (found_here) tell_others_of(news);
  transport_.set_membership(survival_->members().tag());
  for (const RankId rank : news) {
    forget(rank, now);
    transport_.close(rank);
  }
  take_new_place();
  if (!found_here) {
    for (const RankId rank : neighbours()) transport_.send(rank, all_out());
  }
  const RankId heir = survival_->members().heir();
  if (heir != kNoRank) transport_.send(heir, all_out());
  if (copies_ != nullptr) survival_->take_over(*copies_);
}

// Those that have just been found out as well, because they may live; not those that are long dead.
void NodeAgent::tell_others_of(const std::vector<RankId>& news) {
  for (int i = 0; i < transport_.rank_count(); ++i) {
    const RankId rank(i);
    const bool is_news = std::ranges::find(news, rank) != news.end();
    if (rank == self_ || (survival_->members().is_out(rank) && !is_news)) continue;
    transport_.send(rank, all_out());
  }
}

void NodeAgent::forget(RankId rank, Instant now) {
  suspicion_.suspect(rank, now);
  cluster_.set_suspected(rank, true);
  if (cluster_.node(rank).rank == rank) policy_.on_report(cluster_.node(rank));
  desk_.forget_rank(rank, now);
  host_.forget_home(rank, now);
  give_elsewhere(rank, now);
  count_losses(rank);
  fail_what_stays(rank, now);
  unbound_.reserve_without(rank, policy_.steals(), now);
}

bool NodeAgent::is_lost(RankId node) const {
  return left_.contains(node) || (survival_ && survival_->members().is_out(node));
}

// In every round: news and orders that were under way may bring tasks to them later.
void NodeAgent::keep_off_those_who_left(Instant now) {
  for (const RankId rank : left_) desk_.keep_off(rank, now);
  std::vector<RankId> deserted;
  for (const NodeView& node : cluster_.nodes()) {
    if (left_.contains(node.rank) && node.own_in_flight > 0) deserted.push_back(node.rank);
  }
  for (const RankId rank : deserted) {
    give_elsewhere(rank, now);
    fail_what_stays(rank, now);
  }
}

// One that waits for the others takes in what they send until then.
void NodeAgent::handle(Farewell& m, RankId from, Instant now) {
  if (!left_.insert(from).second) return;
  // Of such an end the news may be lost with the rank that was to bring it.
  while (ended_epochs_ < m.ended_epochs) end_epoch(ended_epochs_ + 1, now);
  forget(from, now);
  if (!m.waits) transport_.close(from);
}

// Each task that was taken from this rank has lost it.
void NodeAgent::count_losses(RankId rank) {
  std::vector<TaskId> deserters;
  table_.for_each([&](const TaskEntry& entry) {
    if (entry.deserted == rank) deserters.push_back(entry.header.id);
  });
  for (const TaskId id : deserters) {
    TaskEntry& entry = *table_.find(id);
    entry.deserted = kNoRank;
    ++entry.lost;
  }
}

// What is pinned there, must not run twice, or has cost enough ranks.
void NodeAgent::fail_what_stays(RankId node, Instant now) {
  router_.take_back(node, true);
  const bool has_left = left_.contains(node);
  std::vector<TaskEnd> ends;
  table_.for_each([&](const TaskEntry& entry) {
    if (entry.node != node) return;
    ends.push_back(
        {.id = entry.header.id,
         .attempt = entry.header.attempt,
         .status = TaskStatus::kFailed,
         .task_class = entry.header.task_class,
         .home = self_,
         .result = bytes_of(has_left ? text_of_farewell(node) : text_of_loss(node, entry.lost))});
  });
  for (TaskEnd& end : ends) {
    TaskEntry* entry = table_.find_attempt(end.id, end.attempt);
    WEIR_CHECK(entry != nullptr, "a task is under way and is not");
    ++counts_.never_ran;
    cluster_.on_failed(node, entry->header.task_class);
    complete(*entry, std::move(end), node, now);
  }
}

void NodeAgent::take_new_place() {
  const SurvivalOptions& options = survival_->options();
  place_ = options.place_without(survival_->members().out());
  std::vector<Advisor*> advisors;
  if (options.advisors_of) advisors = options.advisors_of(place_);
  const std::vector<RankId> homes = survival_->members().homes();
  coordinators_.take_up(place_.roles, homes, advisors);
  cluster_.set_homes(homes);
  reports_.report_to(place_.leaf);
  guide_ = HomeGuide(place_);
  tokens_.set_homes(homes);
  last_contention_ = {};
  ended_epochs_ = 0;  // There may be tasks again, of a home that was.
}

// Those with whom this rank has to do in the tree.
std::vector<RankId> NodeAgent::neighbours() const {
  std::set<RankId> ranks{place_.leaf};
  for (const CoordinatorRole& role : place_.roles) {
    ranks.insert(role.children.begin(), role.children.end());
    if (role.parent != kNoRank) ranks.insert(role.parent);
  }
  ranks.erase(self_);
  return {ranks.begin(), ranks.end()};
}

void NodeAgent::handle(HomeCopy& m, RankId from, Instant) {
  if (survival_) survival_->keep(from, std::move(m));
}

void NodeAgent::send_copy_if_due(Instant now) {
  if (copies_ == nullptr || now < survival_->next_copy()) return;
  transport_.send(survival_->members().heir(), survival_->copy(*copies_, now));
}

void NodeAgent::say_final_word(Instant now) {
  FinalWord word{{survival_->restarted_homes().begin(), survival_->restarted_homes().end()}, {}};
  if (survival_->options().final_word) word.bytes = survival_->options().final_word(now);
  const RankId root = survival_->members().root();
  if (root == self_) {
    handle(word, self_, now);
  } else {
    transport_.send(root, std::move(word));
  }
}

void NodeAgent::handle(FinalWord& m, RankId from, Instant) {
  if (!survival_ || !survival_->take_word(from, std::move(m))) return;
  if (survival_->options().conclude) survival_->options().conclude();
  for (int i = 0; i < transport_.rank_count(); ++i) {
    const RankId rank(i);
    if (rank != self_ && !survival_->members().is_out(rank)) transport_.send(rank, Leave{});
  }
  survival_->end();
}

void NodeAgent::handle(Leave&, RankId, Instant) {
  if (survival_) survival_->end();
}

}  // namespace weir
