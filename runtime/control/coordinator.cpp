#include "runtime/control/coordinator.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Reports are held back for a part of their interval, so that one message carries several and few
// of them get much older.
constexpr int kViewsPerReport = 4;
// What children hear of each other is held back for as long while so many nodes are told at most.
// Of more it goes less often, so that no more than four times as many are told in an interval, down
// to once.
constexpr std::int64_t kFewNodes = 256;

// The shares within a part of the tree, times the share of that part.
EntryCluster scaled(EntryCluster cluster, const std::vector<float>& by_class) {
  for (std::size_t i = 0; i < cluster.shares.size(); ++i) {
    cluster.shares[i] *= i < by_class.size() ? by_class[i] : 0;
  }
  return cluster;
}

}  // namespace

Coordinator::Coordinator(CoordinatorRole role, const CoordinatorOptions& options, Advisor* advisor)
    : role_(std::move(role)),
      options_(options),
      newest_(role_.children.size()),
      heard_(role_.children.size()),
      is_news_(role_.children.size()),
      entries_(role_.level > 1 ? role_.children.size() : 0),
      contention_(role_.children.size()),
      termination_(role_.children.size()) {
  if (options_.migration) {
    migration_.emplace(role_, *options_.migration, options_.move_observer);
  }
  if (options_.capacity) {
    capacity_.emplace(role_, *options_.capacity, options_.demand, options_.adviser);
  }
  if (options_.online != OnlineLearning::kOff) {
    learning_.emplace(role_, options_.online, options_.learning);
  }
  if (advisor == nullptr) return;
  advice_.emplace(*advisor, options_.advice_interval, options_.lifetime_ticks);
}

bool Coordinator::has_child(RankId rank) const {
  return std::ranges::binary_search(role_.children, rank);
}

std::size_t Coordinator::position_of(RankId child) const {
  const auto found = std::ranges::lower_bound(role_.children, child);
  WEIR_CHECK(found != role_.children.end() && *found == child,
             "a coordinator heard from a rank that is not its child");
  return static_cast<std::size_t>(found - role_.children.begin());
}

void Coordinator::on(NodeReport& report, RankId child, Instant now, Out&) {
  WEIR_CHECK(report.node == child, "a node reported for another one");
  first_heard_ = std::min(first_heard_, now);
  const std::size_t position = position_of(child);
  heard_[position] = now;
  if (report.sequence <= newest_[position].sequence) return;
  newest_[position] = std::move(report);
  is_changed_ = true;
  if (migration_) migration_->on_report();
  if (is_news_[position]) return;
  is_news_[position] = true;
  news_.push_back(position);
}

void Coordinator::on(SubtreeReport& report, RankId child, Instant now, Out&) {
  first_heard_ = std::min(first_heard_, now);
  const std::size_t position = position_of(child);
  heard_[position] = now;
  NodeReport& known = newest_[position];
  if (!apply(report, known)) return;
  known.node = child;
  if (migration_) migration_->on_report();
  is_changed_ = true;
  has_outlook_ = true;
}

void Coordinator::on(EntryNodes& entries, RankId child, Instant, Out&) {
  WEIR_CHECK(role_.level > 1, "a node sent the entry nodes of a cluster");
  entries_[position_of(child)] = std::move(entries.clusters);
  is_changed_ = true;
  has_outlook_ = true;
}

// To the homes of a cluster it goes at once, and only when it comes: they notice when it does not.
void Coordinator::on(Outlook& outlook, RankId, Instant now, Out& out) {
  if (role_.level > 1) {
    above_expires_ = now + outlook.lifetime;
    above_ = std::move(outlook);
    has_outlook_ = true;
    return;
  }
  for (const RankId home : role_.children) {
    if (!places_tasks(home) || is_silent(home, now)) continue;
    Outlook seen{.lifetime = outlook.lifetime,
                 .own_shares = outlook.own_shares,
                 .others = seen_from(home, outlook.others, home_count(), options_.node_count)};
    out.push_back({home, 0, std::move(seen)});
  }
}

Instant Coordinator::next_due() const {
  return std::min({next_views(), next_report(), next_outlook(), next_moves(),
                   contention_.next_due(), next_capacity(), next_learning()});
}

Instant Coordinator::next_views() const {
  return news_.empty() ? kNever : last_views_ + options_.interval / kViewsPerReport;
}

bool Coordinator::knows_all() const {
  const auto is_known = [](const NodeReport& report) { return report.sequence > 0; };
  const auto is_empty = [](const std::vector<EntryCluster>& below) { return below.empty(); };
  return std::ranges::all_of(newest_, is_known) && std::ranges::none_of(entries_, is_empty);
}

// Until homes hear of the other clusters they fill their own. So the first word goes up and down as
// soon as all below have spoken, and does not wait longer than an interval for the others.
Instant Coordinator::after_first(Instant last, bool has_told, Duration pause) const {
  if (has_told) return last + pause;
  if (knows_all()) return Instant{};
  return first_heard_ == kNever ? kNever : first_heard_ + options_.interval;
}

Instant Coordinator::next_report() const {
  if (is_root() || !is_changed_) return kNever;
  const Duration hold_back = options_.interval / kViewsPerReport;
  return after_first(last_report_, has_reported_, role_.level > 1 ? options_.interval : hold_back);
}

Duration Coordinator::outlook_pause() const {
  constexpr std::int64_t kManyNodes = kViewsPerReport * kFewNodes;
  return options_.interval * std::clamp(last_outlook_size_, kFewNodes, kManyNodes) / kManyNodes;
}

// Without the one above there is nothing to say of the rest of the tree, and homes go by their own
// rule.
Instant Coordinator::next_outlook() const {
  const bool can_tell =
      role_.level > 1 && has_outlook_ && (is_root() || above_.lifetime > Duration{});
  return can_tell ? after_first(last_outlook_, has_told_outlook_, outlook_pause()) : kNever;
}

void Coordinator::tell(Instant now, Out& out) {
  if (now >= next_views()) send_views(now, out);
  if (now >= next_report()) report_to_parent(now, out);
  if (now >= next_outlook()) send_outlook(now, out);
  if (now >= next_moves()) migration_->plan(newest_, entries_, now, out);
  if (now >= contention_.next_due()) share_contention(now, out);
  if (now >= next_capacity()) capacity_->tell(now, out);
  if (now >= next_learning()) learning_->tell(now, out);
}

void Coordinator::on(CapacityReport& report, RankId child, Instant now, Out&) {
  if (capacity_) capacity_->on(report, position_of(child), now);
}

void Coordinator::on(CapacityOrder& order, RankId, Instant now, Out& out) {
  if (capacity_) capacity_->on(order, now, out);
}

void Coordinator::on(ServiceSamples& samples, RankId child, Instant now, Out& out) {
  if (learning_) learning_->on(samples, position_of(child), now, out);
}

void Coordinator::on(WeightsReport& report, RankId child, Instant now, Out&) {
  if (learning_) learning_->on(report, position_of(child), now);
}

void Coordinator::on(AverageWeights& average, RankId, Instant, Out& out) {
  if (learning_) learning_->on(average, out);
}

void Coordinator::on(MoveQuota& quota, RankId, Instant now, Out& out) {
  if (migration_) migration_->on(quota, newest_, now, out);
}

void Coordinator::on(MoveDone& done, RankId, Instant now, Out& out) {
  if (migration_) migration_->on(done, newest_, now, out);
}

void Coordinator::on(ContentionReport& report, RankId child, Instant, Out&) {
  contention_.on_report(position_of(child), report);
}

void Coordinator::on(ContentionOutlook& outlook, RankId, Instant now, Out& out) {
  tell_lively_children(outlook, now, out);
}

void Coordinator::share_contention(Instant now, Out& out) {
  std::vector<ClassContention> all = contention_.tell(now);
  if (is_root()) {
    tell_lively_children(ContentionOutlook{std::move(all)}, now, out);
  } else {
    out.push_back({role_.parent, role_.level + 1, ContentionReport{std::move(all)}});
  }
}

void Coordinator::report_to_parent(Instant now, Out& out) {
  last_report_ = now;
  has_reported_ = true;
  is_changed_ = false;
  out.push_back({role_.parent, role_.level + 1, reporter_.next(merged_report(newest_), now)});
  out.push_back({role_.parent, role_.level + 1, EntryNodes{clusters_below(now)}});
}

std::vector<EntryCluster> Coordinator::clusters_below(Instant now) const {
  std::vector<EntryCluster> clusters;
  if (role_.level == 1) {
    std::size_t class_count = 0;
    for (const NodeReport& report : newest_) {
      class_count = std::max(class_count, report.classes.size());
    }
    EntryCluster own{.cluster = role_.rank,
                     .shares = std::vector<float>(class_count, 1),
                     .nodes = entry_nodes_of(newest_, plan(now), home_counts())};
    own.stands_for = static_cast<std::uint32_t>(own.nodes.size());
    clusters.push_back(std::move(own));
    return clusters;
  }
  std::vector<EntryCluster> parts;
  std::vector<std::vector<float>> shares;
  const Shares of_children = shares_of_children(now);
  for (std::size_t child = 0; child < entries_.size(); ++child) {
    for (const EntryCluster& part : entries_[child]) {
      parts.push_back(part);
      shares.push_back(of_children[child]);
    }
  }
  clusters.push_back(merged_entries(parts, shares, role_.rank));
  return clusters;
}

HomeCounts Coordinator::home_counts() const {
  const auto is_home = [this](RankId child) { return places_tasks(child); };
  return {.all = home_count(),
          .here = static_cast<int>(std::ranges::count_if(role_.children, is_home))};
}

// Only to where there are homes: they have the lowest ranks, as coordinators have among those below
// them.
void Coordinator::send_outlook(Instant now, Out& out) {
  last_outlook_ = now;
  last_outlook_size_ = 0;
  has_told_outlook_ = true;
  has_outlook_ = false;
  if (!is_root() && now >= above_expires_) {
    above_ = {};
    return;
  }
  const Shares shares = shares_of_children(now);
  for (std::size_t position = 0; position < role_.children.size(); ++position) {
    const RankId child = role_.children[position];
    if (!places_tasks(child) || is_silent(child, now)) continue;
    Outlook outlook = outlook_for(position, shares, now);
    for (const EntryCluster& other : outlook.others) last_outlook_size_ += std::ssize(other.nodes);
    out.push_back({child, role_.level - 1, std::move(outlook)});
  }
}

Outlook Coordinator::outlook_for(std::size_t position, const Shares& shares, Instant now) const {
  Outlook outlook{.lifetime = options_.lifetime_ticks * options_.advice_interval,
                  .own_shares = shares[position],
                  .others = {}};
  if (!is_root()) {
    outlook.lifetime = std::min(outlook.lifetime, above_expires_ - now);
    for (std::size_t i = 0; i < outlook.own_shares.size(); ++i) {
      outlook.own_shares[i] *= i < above_.own_shares.size() ? above_.own_shares[i] : 0;
    }
  }
  for (std::size_t child = 0; child < entries_.size(); ++child) {
    if (child == position) continue;
    for (const EntryCluster& cluster : entries_[child]) {
      EntryCluster beside = scaled(cluster, shares[child]);
      outlook.others.push_back(is_root() ? std::move(beside)
                                         : scaled(std::move(beside), above_.own_shares));
    }
  }
  outlook.others.insert(outlook.others.end(), above_.others.begin(), above_.others.end());
  return outlook;
}

// As planned; by capacity where there is no plan for a class.
Coordinator::Shares Coordinator::shares_of_children(Instant now) const {
  const auto total = [](const std::vector<float>& numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), 0.0F);
  };
  std::size_t class_count = 0;
  std::vector<float> capacity;
  for (const NodeReport& child : newest_) {
    class_count = std::max(class_count, child.classes.size());
    capacity.push_back(static_cast<float>(child.worker_count * child.speed));
  }
  Shares shares(newest_.size(), std::vector<float>(class_count, 0));
  const Directive* planned = plan(now);
  for (std::size_t i = 0; i < class_count; ++i) {
    const bool is_planned = planned != nullptr && i < planned->weights.size() &&
                            planned->weights[i].size() == newest_.size() &&
                            total(planned->weights[i]) > 0;
    const std::vector<float>& weights = is_planned ? planned->weights[i] : capacity;
    const float sum = total(weights);
    if (sum <= 0) continue;
    for (std::size_t child = 0; child < shares.size(); ++child) {
      shares[child][i] = weights[child] / sum;
    }
  }
  return shares;
}

const Directive* Coordinator::plan(Instant now) const {
  return now < plan_expires_ ? &plan_ : nullptr;
}

void Coordinator::send_views(Instant now, Out& out) {
  last_views_ = now;
  MergedView view;
  view.reports.reserve(news_.size());
  for (const std::size_t position : news_) {
    view.reports.push_back(newest_[position]);
    is_news_[position] = false;
  }
  news_.clear();
  for (const RankId child : role_.children) {
    if (child != role_.rank && reads_views(child) && !is_silent(child, now)) {
      out.push_back({child, 0, view});
    }
  }
  if (reads_views(role_.rank)) out.push_back({role_.rank, 0, std::move(view)});
}

bool Coordinator::is_silent(RankId child, Instant now) const {
  const std::size_t position = position_of(child);
  return options_.longest_silence > Duration::zero() && newest_[position].sequence > 0 &&
         now - heard_[position] > options_.longest_silence;
}

bool Coordinator::reads_views(RankId child) const {
  return places_tasks(child) || options_.all_read;
}

void Coordinator::ask_advisor(Instant now) {
  if (advice_) advice_->ask_if_due(newest_, now);
}

// Homes alone place tasks.
void Coordinator::hand_out_advice(Instant now, Out& out) {
  if (!advice_) return;
  const auto directive = advice_->try_take(now);
  if (!directive) return;
  plan_ = *directive;
  plan_expires_ = now + directive->lifetime;
  if (role_.level > 1) return;
  for (const RankId child : role_.children) {
    if (child != role_.rank && places_tasks(child) && !is_silent(child, now)) {
      out.push_back({child, 0, *directive});
    }
  }
  if (places_tasks(role_.rank)) out.push_back({role_.rank, 0, *directive});
}

void Coordinator::count_if_due(std::uint32_t epoch, Instant now, Out& out) {
  if (const auto request = termination_.next_round(epoch, now)) tell_children(*request, out);
}

void Coordinator::on(CountRequest& request, RankId, Instant, Out& out) {
  termination_.follow(request);
  tell_children(request, out);
}

void Coordinator::on(CountAnswer& answer, RankId child, Instant now, Out& out) {
  const std::size_t position = position_of(child);
  if (is_root()) {
    if (termination_.on_answer(position, answer, now)) tell_children(EpochEnd{answer.epoch}, out);
  } else if (const auto sum = termination_.sum_with(position, answer)) {
    out.push_back({role_.parent, role_.level + 1, *sum});
  }
}

void Coordinator::on(EpochEnd& end, RankId, Instant, Out& out) { tell_children(end, out); }

void Coordinator::tell_lively_children(const Message& message, Instant now, Out& out) const {
  for (const RankId child : role_.children) {
    if (!is_silent(child, now)) out.push_back({child, role_.level - 1, message});
  }
}

// The one on this rank last: it may act on it at once.
void Coordinator::tell_children(const Message& message, Out& out) const {
  for (const RankId child : role_.children) {
    if (child != role_.rank) out.push_back({child, role_.level - 1, message});
  }
  out.push_back({role_.rank, role_.level - 1, message});
}

}  // namespace weir
