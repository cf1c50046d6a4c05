#include "runtime/control/migration_desk.hpp"

#include <algorithm>

namespace weir {
namespace {

// In intervals: how long an answer to an order is waited for; how long what a quota began may take;
// how long a pair does not move the other way; what a child gets to do; how long a hint holds.
constexpr int kOrderPatience = 10;
constexpr int kQuotaPatience = 4;
constexpr int kQuiet = 10;
constexpr int kNearFuture = 10;
constexpr int kHintLifetime = 3;
// From one to the next plan in which a class is left alone, doubled each time up to the longest.
constexpr int kFirstBarrenPause = 2;
constexpr int kLongestBarrenPause = 64;
// An order asks for no more, so that one offer stays short. A quota is divided over several.
constexpr std::uint32_t kMostTasksPerOrder = 256;
constexpr std::uint32_t kMostTasksPerQuota = 4096;
// Per plan, of each child.
constexpr std::uint32_t kMovesPerChild = 1;
// Who has less than this to do may be idle before the next plan can help; a victim has more. In
// intervals.
constexpr int kHintHorizon = 2;

ClassId class_of(std::size_t i) { return ClassId(static_cast<std::uint8_t>(i)); }

// How many more tasks of the class it can take so that none of them waits longer than that.
std::uint32_t room_of(const Backlog& node, ClassId task_class, double most_wait_s,
                      std::uint32_t most) {
  if (!node.works()) return 0;
  std::uint32_t fits = 0;
  for (std::uint32_t above = most + 1; fits + 1 < above;) {
    const std::uint32_t middle = fits + (above - fits) / 2;
    Backlog grown = node;
    grown.add(task_class, middle);
    (grown.wait_s(task_class) <= most_wait_s ? fits : above) = middle;
  }
  return fits;
}

// The nodes that get so many of the tasks, evenly as far as each has room.
std::vector<MoveQuota::Target> targets_of(const PlannedMove& move,
                                          std::span<const EntryCluster> there) {
  std::vector<NodeReport> nodes;
  for (const EntryCluster& cluster : there) {
    for (const EntryNode& node : cluster.nodes) nodes.push_back(node.report);
  }
  const ClassServices services = mean_services(nodes);
  std::vector<MoveQuota::Target> targets;
  std::uint32_t left = move.count;
  for (std::size_t i = 0; i < nodes.size() && left > 0; ++i) {
    const auto others = static_cast<std::uint32_t>(nodes.size() - i);
    const Backlog node(nodes[i].worker_count, nodes[i].classes, at_speed(services, nodes[i].speed));
    const std::uint32_t part =
        room_of(node, move.task_class, move.wait_from_after_s, (left + others - 1) / others);
    if (part == 0) continue;
    targets.push_back({nodes[i].node, part});
    left -= part;
  }
  return targets;
}

}  // namespace

bool MigrationDesk::rests(std::size_t child, std::span<const NodeReport> reports,
                          Instant now) const {
  const Child& one = children_[child];
  if (one.open_moves > 0 && now < one.gives_up) return true;
  return reports[child].sequence <= one.seen_sequence;
}

bool MigrationDesk::may_move(std::size_t from, std::size_t to, ClassId task_class,
                             Instant now) const {
  const auto barren = children_[from].barren.find(task_class);
  if (barren != children_[from].barren.end() && now < barren->second.until) return false;
  const auto back = last_moves_.find({to, from});
  return back == last_moves_.end() || now - back->second >= kQuiet * options_.interval;
}

MigrationPlan MigrationDesk::make_plan(std::span<const NodeReport> reports, Instant now) const {
  std::vector<bool> resting;
  for (std::size_t i = 0; i < reports.size(); ++i) resting.push_back(rests(i, reports, now));
  return plan_moves({.children = reports,
                     .now = now,
                     .least_age = options_.interval,
                     .oldest = options_.oldest,
                     .near_future = kNearFuture * options_.interval,
                     .cost = &cost_,
                     .may_move =
                         [&](std::size_t from, std::size_t to, ClassId task_class) {
                           return !resting[from] && !resting[to] &&
                                  may_move(from, to, task_class, now);
                         },
                     .most_moves = kMovesPerChild * static_cast<std::uint32_t>(reports.size()),
                     .most_tasks = role_.level == 1 ? kMostTasksPerOrder : kMostTasksPerQuota});
}

void MigrationDesk::plan(std::span<const NodeReport> reports,
                         std::span<const std::vector<EntryCluster>> entries, Instant now,
                         std::vector<Outgoing>& out) {
  last_plan_ = now;
  has_news_ = false;
  forget_expired(now);
  const bool anything_waits = std::ranges::any_of(reports, [](const NodeReport& report) {
    return std::ranges::any_of(report.classes,
                               [](const ClassLoad& load) { return load.queued > 0; });
  });
  if (!anything_waits || reports.size() < 2) return;
  const MigrationPlan plan = make_plan(reports, now);
  for (const PlannedMove& move : plan.moves) {
    if (role_.level == 1) {
      order(move, plan, now, out);
    } else {
      send_quota(move, plan, entries[move.to], now, out);
    }
  }
  if (role_.level == 1) hint(plan, now, out);
}

void MigrationDesk::order(const PlannedMove& move, const MigrationPlan& plan, Instant now,
                          std::vector<Outgoing>& out) {
  const RankId to = role_.children[move.to];
  const std::uint32_t number = open({.from = move.from,
                                     .to = move.to,
                                     .task_class = move.task_class,
                                     .expires = now + kOrderPatience * options_.interval},
                                    now);
  if (observer_ != nullptr) {
    observer_->on_decided(decided(number, MoveKind::kOrder, to, move, plan.before), now);
  }
  out.push_back({role_.children[move.from], 0, MoveOrder{number, to, move.task_class, move.count}});
}

void MigrationDesk::send_quota(const PlannedMove& move, const MigrationPlan& plan,
                               std::span<const EntryCluster> there, Instant now,
                               std::vector<Outgoing>& out) {
  std::vector<MoveQuota::Target> targets = targets_of(move, there);
  if (targets.empty()) return;
  const std::uint32_t number = open({.from = move.from,
                                     .to = move.to,
                                     .task_class = move.task_class,
                                     .expires = now + kQuotaPatience * options_.interval},
                                    now);
  if (observer_ != nullptr) {
    observer_->on_decided(
        decided(number, MoveKind::kQuota, role_.children[move.to], move, plan.before), now);
  }
  out.push_back({role_.children[move.from], role_.level - 1,
                 MoveQuota{number, static_cast<std::uint8_t>(role_.level), move.task_class,
                           std::move(targets)}});
}

// Who has so much to do that it cannot be helped soon, and with which class.
std::vector<MigrationDesk::Victim> MigrationDesk::victims(const MigrationPlan& plan) const {
  const double horizon_s = to_seconds(kHintHorizon * options_.interval);
  std::vector<Victim> victims;
  for (std::size_t i = 0; i < plan.after.size(); ++i) {
    const Backlog& backlog = plan.after[i];
    if (!backlog.works()) continue;
    ClassId most(0);
    for (std::size_t c = 1; c < kMaxClasses; ++c) {
      if (backlog.queued(class_of(c)) > backlog.queued(most)) most = class_of(c);
    }
    if (backlog.queued(most) > 0 && backlog.wait_s(most) > horizon_s) victims.push_back({i, most});
  }
  return victims;
}

// What nodes can use at once goes by the next order. This is for those that become idle before.
// Each is told of another victim, as far as there are several.
void MigrationDesk::hint(const MigrationPlan& plan, Instant now, std::vector<Outgoing>& out) {
  const double horizon_s = to_seconds(kHintHorizon * options_.interval);
  const std::vector<Victim> all = victims(plan);
  std::size_t next = 0;
  for (std::size_t i = 0; i < plan.after.size() && !all.empty(); ++i) {
    const Victim victim = all[next % all.size()];
    const ClassId of = victim.task_class;
    const Backlog& here = plan.after[i];
    const Backlog& there = plan.after[victim.child];
    if (!here.works() || here.wait_s(of) > horizon_s / 2 || here.service_s(of) <= 0) continue;
    PlannedMove why{.from = victim.child,
                    .to = i,
                    .task_class = of,
                    .wait_from_s = there.wait_s(of),
                    .wait_to_s = here.wait_s(of),
                    .wait_from_after_s = there.wait_s(of),
                    .wait_to_after_s = here.wait_s(of),
                    .service_from_s = there.service_s(of),
                    .service_to_s = here.service_s(of),
                    .cost_s = cost_.seconds(1),
                    .margin_s = horizon_s / 2};
    why.gain_s = why.wait_from_s + why.service_from_s - why.wait_to_s - why.service_to_s;
    if (why.gain_s <= why.margin_s + why.cost_s || !may_move(victim.child, i, of, now)) continue;
    ++next;
    Hint hint{.move = {.number = ++last_number_, .why = why},
              .expires = now + 2 * kHintLifetime * options_.interval};
    if (observer_ != nullptr) {
      hint.move = decided(last_number_, MoveKind::kHint, role_.children[i], why, plan.after);
    }
    hints_.emplace(last_number_, std::move(hint));
    const double ahead_s =
        std::min(to_seconds(kNearFuture * options_.interval), there.wait_s(of) / 2);
    const std::uint32_t most = room_of(here, of, ahead_s, there.queued(of) / 2);
    out.push_back({role_.children[i], 0,
                   StealHint{.number = last_number_,
                             .victim = role_.children[victim.child],
                             .most = std::max(1u, most),
                             .lifetime = kHintLifetime * options_.interval}});
  }
}

DecidedMove MigrationDesk::decided(std::uint32_t number, MoveKind kind, RankId to,
                                   const PlannedMove& move,
                                   std::span<const Backlog> children) const {
  DecidedMove decided{.number = number,
                      .level = static_cast<std::uint8_t>(role_.level),
                      .kind = kind,
                      .from = role_.children[move.from],
                      .to = to,
                      .why = move,
                      .candidates = {}};
  for (std::size_t i = 0; i < children.size(); ++i) {
    const Backlog& child = children[i];
    MoveCandidate candidate{.node = role_.children[i]};
    if (child.works()) {
      candidate = {.node = role_.children[i],
                   .workers = child.workers_for(move.task_class),
                   .queued = child.queued(),
                   .queued_of_class = child.queued(move.task_class),
                   .service_s = child.service_s(move.task_class),
                   .wait_s = child.wait_s(move.task_class)};
    }
    decided.candidates.push_back(candidate);
  }
  return decided;
}

std::uint32_t MigrationDesk::open(const Open& move, Instant now) {
  const std::uint32_t number = ++last_number_;
  open_.emplace(number, move);
  ++children_[move.from].open_moves;
  children_[move.from].gives_up = move.expires;
  if (move.to) {
    ++children_[*move.to].open_moves;
    children_[*move.to].gives_up = move.expires;
    last_moves_[{move.from, *move.to}] = now;
  }
  return number;
}

// Those with the longest wait first, each for half of what it has at a time.
std::optional<std::size_t> MigrationDesk::giver_of_quota(std::span<const Backlog> children,
                                                         ClassId task_class,
                                                         std::span<const NodeReport> reports,
                                                         Instant now) const {
  std::optional<std::size_t> longest;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (!children[i].works() || children[i].queued(task_class) == 0) continue;
    if (rests(i, reports, now) || !may_move(i, i, task_class, now)) continue;
    if (longest && children[i].drain_s(task_class) <= children[*longest].drain_s(task_class)) {
      continue;
    }
    longest = i;
  }
  return longest;
}

// Who gives how many of a quota to whom. `backlogs` is by child.
std::vector<MigrationDesk::QuotaPart> MigrationDesk::parts_of(const MoveQuota& quota,
                                                              std::vector<Backlog> backlogs,
                                                              std::span<const NodeReport> reports,
                                                              Instant now) const {
  std::vector<QuotaPart> parts;
  for (const MoveQuota::Target& target : quota.targets) {
    for (std::uint32_t left = target.count; left > 0;) {
      const auto from = giver_of_quota(backlogs, quota.task_class, reports, now);
      if (!from) break;
      const std::uint32_t half = (backlogs[*from].queued(quota.task_class) + 1) / 2;
      const std::uint32_t count = std::min({left, half, kMostTasksPerOrder});
      backlogs[*from].remove(quota.task_class, count);
      left -= count;
      parts.push_back({*from, {target.node, count}});
    }
  }
  return parts;
}

void MigrationDesk::on(const MoveQuota& quota, std::span<const NodeReport> reports, Instant now,
                       std::vector<Outgoing>& out) {
  forget_expired(now);
  const ClassServices services = mean_services(reports);
  std::vector<Backlog> backlogs(reports.size());
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const NodeReport& report = reports[i];
    if (report.sequence == 0 || now - report.made > options_.oldest) continue;
    backlogs[i] = Backlog(report.worker_count, report.classes, at_speed(services, report.speed));
  }
  const int patience = role_.level == 1 ? kOrderPatience : kQuotaPatience;
  for (const QuotaPart& part : parts_of(quota, backlogs, reports, now)) {
    const std::uint32_t number = open({.from = part.from,
                                       .to = std::nullopt,
                                       .task_class = quota.task_class,
                                       .quota_number = quota.number,
                                       .quota_level = quota.level,
                                       .expires = now + patience * options_.interval},
                                      now);
    const RankId child = role_.children[part.from];
    if (role_.level > 1) {
      out.push_back({child, role_.level - 1,
                     MoveQuota{quota.number, quota.level, quota.task_class, {part.target}}});
      continue;
    }
    if (observer_ != nullptr) {
      const PlannedMove why{.from = part.from,
                            .to = part.from,
                            .task_class = quota.task_class,
                            .count = part.target.count,
                            .wait_from_s = backlogs[part.from].wait_s(quota.task_class)};
      observer_->on_decided(decided(number, MoveKind::kOfQuota, part.target.node, why, backlogs),
                            now);
    }
    out.push_back(
        {child, 0, MoveOrder{number, part.target.node, quota.task_class, part.target.count}});
  }
}

void MigrationDesk::on(const MoveDone& done, std::span<const NodeReport> reports, Instant now,
                       std::vector<Outgoing>& out) {
  if (done.level > role_.level) {
    if (role_.parent != kNoRank) out.push_back({role_.parent, role_.level + 1, done});
    return;
  }
  const auto hint = hints_.find(done.number);
  const auto found = open_.find(done.number);
  if (hint == hints_.end() && found == open_.end()) return;  // Given up, or told twice.
  if (done.moved > 0) cost_.add(done.moved, done.bytes, done.took);
  if (hint != hints_.end()) {
    last_moves_[{hint->second.move.why.from, hint->second.move.why.to}] = now;
    if (observer_ != nullptr && done.moved > 0) {
      observer_->on_decided(hint->second.move, now);
      observer_->on_done(done, now);
    }
    hints_.erase(hint);
    return;
  }
  if (observer_ != nullptr) observer_->on_done(done, now);
  const Open move = found->second;
  // Of a quota there may be several; it is closed when its time is over.
  if (role_.level > 1) return;
  open_.erase(found);
  close(move, done.moved, reports, now);
  if (move.quota_level == 0 || role_.parent == kNoRank) return;
  MoveDone part = done;
  part.number = move.quota_number;
  part.level = move.quota_level;
  out.push_back({role_.parent, role_.level + 1, part});
}

void MigrationDesk::close(const Open& move, std::uint32_t moved,
                          std::span<const NodeReport> reports, Instant now) {
  const auto close_at = [&](std::size_t child) {
    Child& one = children_[child];
    if (one.open_moves > 0) --one.open_moves;
    one.seen_sequence = reports[child].sequence;
  };
  close_at(move.from);
  if (move.to) close_at(*move.to);
  auto& barren = children_[move.from].barren;
  if (moved > 0) {
    barren.erase(move.task_class);
    return;
  }
  Child::Barren& pause = barren[move.task_class];
  pause.pause = std::clamp(2 * pause.pause, kFirstBarrenPause * options_.interval,
                           kLongestBarrenPause * options_.interval);
  pause.until = now + pause.pause;
}

void MigrationDesk::forget_expired(Instant now) {
  for (auto it = open_.begin(); it != open_.end();) {
    if (now < it->second.expires) {
      ++it;
      continue;
    }
    const Open move = it->second;
    it = open_.erase(it);
    if (children_[move.from].open_moves > 0) --children_[move.from].open_moves;
    if (move.to && children_[*move.to].open_moves > 0) --children_[*move.to].open_moves;
  }
  std::erase_if(hints_, [now](const auto& each) { return now >= each.second.expires; });
  std::erase_if(last_moves_,
                [&](const auto& each) { return now - each.second >= kQuiet * options_.interval; });
}

}  // namespace weir
