#include "runtime/control/coordinator.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Reports are held back for a part of their interval, so that one message carries several and few
// of them get much older.
constexpr int kViewsPerReport = 4;

}  // namespace

Coordinator::Coordinator(CoordinatorRole role, const CoordinatorOptions& options, Advisor* advisor)
    : role_(std::move(role)),
      options_(options),
      newest_(role_.children.size()),
      is_news_(role_.children.size()),
      termination_(role_.children.size()) {
  if (advisor != nullptr) advice_.emplace(*advisor, options_.advice_interval);
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

void Coordinator::on(NodeReport& report, RankId, Instant, Out&) {
  const std::size_t position = position_of(report.node);
  if (report.sequence <= newest_[position].sequence) return;
  newest_[position] = std::move(report);
  if (is_news_[position]) return;
  is_news_[position] = true;
  news_.push_back(position);
}

Instant Coordinator::next_due() const { return next_views(); }

Instant Coordinator::next_views() const {
  return news_.empty() ? kNever : last_views_ + options_.interval / kViewsPerReport;
}

void Coordinator::tell(Instant now, Out& out) {
  if (now >= next_views()) send_views(now, out);
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
    if (child != role_.rank && reads_views(child)) out.push_back({child, 0, view});
  }
  if (reads_views(role_.rank)) out.push_back({role_.rank, 0, std::move(view)});
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
  for (const RankId child : role_.children) {
    if (child != role_.rank && places_tasks(child)) out.push_back({child, 0, *directive});
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

// The one on this rank last: it may act on it at once.
void Coordinator::tell_children(const Message& message, Out& out) const {
  for (const RankId child : role_.children) {
    if (child != role_.rank) out.push_back({child, role_.level - 1, message});
  }
  out.push_back({role_.rank, role_.level - 1, message});
}

}  // namespace weir
