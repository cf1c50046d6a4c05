#include "runtime/control/hand_over.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Tasks taken out of the queue at a time: few go back when payloads are large, and a queue is not
// searched for every single one when they are small.
constexpr std::size_t kPortion = 16;

// Of a victim: so often one is drawn again that owes an answer.
constexpr int kMostDraws = 8;

// Beside a payload, about what a task takes on its way.
constexpr std::size_t kHeaderBytes = 72;

std::uint64_t bytes_of(const std::vector<Task>& tasks) {
  std::uint64_t bytes = 0;
  for (const Task& task : tasks) bytes += kHeaderBytes + task.payload.bytes().size();
  return bytes;
}

}  // namespace

HandOverDesk::HandOverDesk(RankId self, const HandOverOptions& options, Executor& executor,
                           WorkHost& host, const ClusterState& cluster, Transport& transport,
                           Random random)
    : self_(self),
      options_(options),
      executor_(executor),
      host_(host),
      cluster_(cluster),
      transport_(transport),
      random_(random),
      pause_(options.first_pause) {}

bool HandOverDesk::is_overdue(Instant since, Instant now) const {
  return options_.patience > Duration::zero() && now - since >= options_.patience;
}

bool HandOverDesk::idle(Instant now) const {
  return executor_.worker_count() > 0 && executor_.counts(now).queued == 0 &&
         !host_.reservations().has_line() && host_.reservations().free_workers(now) > 0;
}

bool HandOverDesk::may_ask(Instant now) const {
  if (asking_ || cluster_.node_count() < 2) return false;
  return options_.asks_for_work || (hint_ && now < hint_expires_);
}

void HandOverDesk::seek_work(Instant now) {
  if (is_wanted_ && now >= wanted_until_) want(false);
  if (asking_ && is_overdue(asked_, now)) {
    silent_victims_.insert(asked_whom_);
    asking_ = false;
    followed_hint_.reset();
  }
  if (!may_ask(now) || now < earliest_request_ || !idle(now)) return;
  asking_ = true;
  asked_ = now;
  ++counts_.requests_sent;
  if (hint_ && now < hint_expires_) {
    followed_hint_ = hint_->number;
    asked_whom_ = hint_->victim;
    transport_.send(asked_whom_, StealRequest{std::min(hint_->most, options_.max_tasks)});
    hint_.reset();
    return;
  }
  asked_whom_ = choose_victim();
  transport_.send(asked_whom_, StealRequest{options_.max_tasks});
}

void HandOverDesk::on_hint(const StealHint& hint, Instant now) {
  if (hint.victim == self_) return;
  hint_ = hint;
  hint_expires_ = now + hint.lifetime;
}

// The node with the longest reported queue; where none is known to have one, anybody, for reports
// are old.
RankId HandOverDesk::choose_victim() {
  RankId best = kNoRank;
  std::uint32_t longest = 0;
  for (const NodeView& node : cluster_.nodes()) {
    if (node.rank != self_ && node.queued > longest && !silent_victims_.contains(node.rank)) {
      best = node.rank;
      longest = node.queued;
    }
  }
  if (best != kNoRank) return best;
  RankId victim;
  for (int i = 0; i < kMostDraws; ++i) {
    const auto other = static_cast<std::int32_t>(random_.below(cluster_.node_count() - 1));
    victim = RankId(other < self_.value() ? other : other + 1);
    if (!silent_victims_.contains(victim)) break;
  }
  return victim;
}

void HandOverDesk::on_offer(RankId victim, HandOver offer, Instant now) {
  // Of one that was given up nothing more is expected.
  const bool was_given_up = silent_victims_.erase(victim) > 0;
  const auto hint = was_given_up ? std::nullopt : std::exchange(followed_hint_, std::nullopt);
  if (!was_given_up) asking_ = false;
  if (offer.tasks.empty() && offer.reservations.empty()) {
    back_off(now);
    return;
  }
  host_.reservations().add_passed_on(offer.reservations);
  if (offer.tasks.empty()) {
    pause_ = options_.first_pause;
    earliest_request_ = now;
    return;
  }
  // A node that found other work meanwhile would end worse off than the victim.
  const bool accepted = idle(now);
  transport_.send(victim, HandOverAnswer{offer.offer, accepted});
  if (!accepted) return;
  counts_.tasks_received += offer.tasks.size();
  pause_ = options_.first_pause;
  earliest_request_ = now;
  if (hint) {
    done_.push_back({.number = *hint,
                     .moved = static_cast<std::uint32_t>(offer.tasks.size()),
                     .bytes = bytes_of(offer.tasks),
                     .took = now - asked_});
  }
  host_.accept_handed_over(std::move(offer.tasks), now);
}

// By what it knows now, not by what a coordinator knew.
void HandOverDesk::on_move_offer(RankId victim, MoveOffer offer, Instant now) {
  if (offer.tasks.empty()) return;
  const ClassId task_class = offer.tasks.front().header.task_class;
  ClassServices there{};
  there[task_class.value()] = to_seconds(offer.service);
  Backlog here = host_.backlog(now, there);
  here.add(task_class, static_cast<std::uint32_t>(offer.tasks.size()));
  bool accepted = here.works() && !host_.reservations().has_line();
  if (accepted) {
    const double wait_s = here.wait_s(task_class);
    accepted = wait_s <= to_seconds(offer.wait_left) &&
               wait_s + here.service_s(task_class) <= to_seconds(offer.end_there);
  }
  transport_.send(victim, HandOverAnswer{offer.offer, accepted});
  if (!accepted) return;
  counts_.tasks_received += offer.tasks.size();
  host_.accept_handed_over(std::move(offer.tasks), now);
}

void HandOverDesk::back_off(Instant now) {
  earliest_request_ = now + pause_;
  pause_ = std::min(2 * pause_, options_.longest_pause);
}

std::vector<TaskEnd> HandOverDesk::on_request(RankId thief, const StealRequest& request,
                                              Instant now) {
  std::vector<TaskEnd> failed;
  const std::uint32_t queued = executor_.counts(now).queued;
  const std::uint32_t half = (queued + 1) / 2;
  HandOver answer;
  if (half > 0)
    answer.tasks = take_from_tail(std::min(half, request.most), kAllClasses, now, failed);
  if (half == 0) answer.reservations = host_.reservations().pass_on(request.most);
  if (answer.tasks.empty() && answer.reservations.empty()) {
    wanted_until_ = now + 2 * options_.longest_pause;
    want(true);
  }
  if (!answer.tasks.empty()) {
    answer.offer = ++last_offer_;
    offers_.emplace(answer.offer, Offer{thief, answer.tasks, 0, now});
  }
  transport_.send(thief, std::move(answer));
  return failed;
}

void HandOverDesk::on_placed() {
  if (!options_.forgets_pauses || pause_ == options_.first_pause) return;
  pause_ = options_.first_pause;
  earliest_request_ = asked_ + pause_;
}

void HandOverDesk::want(bool wanted) {
  is_wanted_ = wanted;
  executor_.set_wanted(wanted);
}

std::vector<TaskEnd> HandOverDesk::on_order(const MoveOrder& order, Instant now) {
  std::vector<TaskEnd> failed;
  const ClassId task_class = order.task_class;
  const Backlog before = host_.backlog(now, {});
  std::vector<Task> tasks;
  if (order.to != self_ && before.works() && before.service_s(task_class) > 0) {
    tasks = take_from_tail(std::min(order.count, options_.max_ordered_tasks), mask_of(task_class),
                           now, failed);
  }
  if (tasks.empty()) {
    done_.push_back({.number = order.number});
    return failed;
  }
  const Backlog after = host_.backlog(now, {});
  const double service_s = before.service_s(task_class);
  MoveOffer offer{.offer = ++last_offer_,
                  .tasks = tasks,
                  .wait_left = from_seconds(after.wait_s(task_class)),
                  .end_there = from_seconds(before.wait_s(task_class) + service_s),
                  .service = from_seconds(service_s)};
  offers_.emplace(offer.offer, Offer{order.to, std::move(tasks), order.number, now});
  transport_.send(order.to, std::move(offer));
  return failed;
}

// In portions, because the size of arguments is known only once they are bytes: what is too much of
// a portion goes back where it was.
std::vector<Task> HandOverDesk::take_from_tail(std::size_t most, ClassMask of, Instant now,
                                               std::vector<TaskEnd>& failed) {
  std::vector<Task> tasks;  // the last to run first
  std::size_t bytes = 0;
  while (most > 0 && bytes < options_.max_bytes) {
    std::vector<Task> portion = executor_.take_back(std::min(most, kPortion), of);
    if (portion.empty()) break;
    most -= portion.size();
    while (!portion.empty() && bytes < options_.max_bytes) {
      Task task = std::move(portion.back());
      portion.pop_back();
      if (auto end = serialize_payload(task)) {
        failed.push_back(std::move(*end));
        continue;
      }
      bytes += task.payload.bytes().size();
      tasks.push_back(std::move(task));
    }
    if (!portion.empty()) executor_.enqueue(std::move(portion), now);
  }
  std::ranges::reverse(tasks);
  return tasks;
}

MovedBatch HandOverDesk::on_answer(RankId thief, const HandOverAnswer& answer, Instant now) {
  const auto found = offers_.find(answer.offer);
  WEIR_CHECK(found != offers_.end() && found->second.thief == thief,
             "an answer to an offer that was not made");
  std::vector<Task> tasks = std::move(found->second.tasks);
  const std::uint32_t order = found->second.order;
  const Duration took = now - found->second.made;
  const bool homes_know = found->second.is_given_up;
  offers_.erase(found);
  const std::uint64_t bytes = bytes_of(tasks);
  if (order != 0) {
    const auto moved = static_cast<std::uint32_t>(answer.accepted ? tasks.size() : 0);
    done_.push_back({.number = order, .moved = moved, .bytes = bytes, .took = took});
  }
  if (!answer.accepted) {
    ++counts_.offers_refused;
    MovedBatch own{self_, {}};
    if (homes_know) own = tell_homes(tasks, self_);
    executor_.enqueue(std::move(tasks), now);
    return own;
  }
  counts_.tasks_given += tasks.size();
  counts_.bytes_given += bytes;
  return homes_know ? MovedBatch{thief, {}} : tell_homes(tasks, thief);
}

MovedBatch HandOverDesk::tell_homes(const std::vector<Task>& tasks, RankId owner) {
  std::map<RankId, MovedBatch> by_home;
  for (const Task& task : tasks) {
    MovedBatch& batch = by_home[task.header.home];
    batch.owner = owner;
    batch.moves.push_back({task.header.id, task.header.attempt});
  }
  MovedBatch own{owner, {}};
  for (auto& [home, batch] : by_home) {
    if (home == self_) {
      own = std::move(batch);
    } else {
      transport_.send(home, std::move(batch));
    }
  }
  return own;
}

std::vector<MovedBatch> HandOverDesk::give_up_on_thieves(Instant now) {
  std::vector<MovedBatch> own;
  for (auto& [id, offer] : offers_) {
    if (offer.is_given_up || !is_overdue(offer.made, now)) continue;
    offer.is_given_up = true;
    own.push_back(tell_homes(offer.tasks, offer.thief));
  }
  return own;
}

// What was said to be with a thief already has had its new attempt from its home.
void HandOverDesk::forget_rank(RankId rank, Instant now) {
  for (auto offer = offers_.begin(); offer != offers_.end();) {
    if (offer->second.thief != rank) {
      ++offer;
      continue;
    }
    if (offer->second.order != 0) done_.push_back({.number = offer->second.order});
    if (!offer->second.is_given_up) executor_.enqueue(std::move(offer->second.tasks), now);
    offer = offers_.erase(offer);
  }
  if (asking_ && asked_whom_ == rank) {
    asking_ = false;
    followed_hint_.reset();
  }
  if (hint_ && hint_->victim == rank) hint_.reset();
  silent_victims_.insert(rank);
}

void HandOverDesk::keep_off(RankId rank, Instant now) {
  const bool was_asked = asking_ && asked_whom_ == rank;
  forget_rank(rank, now);
  if (was_asked) back_off(now);
}

Instant HandOverDesk::next_wakeup(Instant now) const {
  const Instant forgets = is_wanted_ ? wanted_until_ : kNever;
  if (!may_ask(now) || !idle(now)) return forgets;
  return std::min(earliest_request_, forgets);
}

std::size_t HandOverDesk::offered_task_count() const {
  std::size_t count = 0;
  for (const auto& [id, offer] : offers_) count += offer.tasks.size();
  return count;
}

}  // namespace weir
