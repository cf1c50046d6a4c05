#include "runtime/control/view_relay.hpp"

#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

ViewRelay::ViewRelay(int node_count) : newest_(node_count), is_news_(node_count) {}

void ViewRelay::on_report(NodeReport report) {
  const auto node = report.node.value();
  WEIR_CHECK(node >= 0 && node < static_cast<int>(newest_.size()),
             "a report names a node that does not exist");
  if (report.sequence <= newest_[node].sequence) return;
  newest_[node] = std::move(report);
  if (is_news_[node]) return;
  is_news_[node] = true;
  news_.push_back(node);
}

MergedView ViewRelay::take_news() {
  MergedView view;
  view.reports.reserve(news_.size());
  for (const auto node : news_) {
    view.reports.push_back(newest_[node]);
    is_news_[node] = false;
  }
  news_.clear();
  return view;
}

}  // namespace weir
