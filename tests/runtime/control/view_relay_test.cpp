#include "runtime/control/view_relay.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

NodeReport report_of(int node, std::uint32_t sequence) {
  NodeReport report;
  report.node = RankId(node);
  report.sequence = sequence;
  return report;
}

TEST(ViewRelay, PassesOnTheNewestReportOfEachNodeOnce) {
  ViewRelay relay(3);
  relay.on_report(report_of(2, 1));
  relay.on_report(report_of(0, 4));
  relay.on_report(report_of(2, 3));
  relay.on_report(report_of(2, 2));  // Overtaken.
  const MergedView view = relay.take_news();
  ASSERT_EQ(view.reports.size(), 2u);
  EXPECT_EQ(view.reports[0].node, RankId(2));
  EXPECT_EQ(view.reports[0].sequence, 3u);
  EXPECT_FALSE(relay.has_news());
  EXPECT_TRUE(relay.take_news().reports.empty());
}

}  // namespace
}  // namespace weir
