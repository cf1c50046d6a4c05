// Keeps the newest report of every node and passes on what is new: the one view all homes share
// until a tree of coordinators splits it.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/protocol/message.hpp"

namespace weir {

class ViewRelay {
 public:
  explicit ViewRelay(int node_count);

  void on_report(NodeReport report);

  bool has_news() const { return !news_.empty(); }

  // Position i is rank i; a report with sequence 0 has not come yet.
  const std::vector<NodeReport>& newest() const { return newest_; }

  // The reports that came since the last call, one per node.
  MergedView take_news();

 private:
  std::vector<NodeReport> newest_;
  std::vector<bool> is_news_;
  std::vector<std::int32_t> news_;  // nodes, in the order their first new report came
};

}  // namespace weir
