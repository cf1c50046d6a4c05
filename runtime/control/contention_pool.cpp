#include "runtime/control/contention_pool.hpp"

namespace weir {

void ContentionPool::on_report(std::size_t child, const ContentionReport& report) {
  for (const ClassContention& each : report.classes) {
    children_[child][each.task_class.value()] = each.sums;
  }
  is_changed_ = true;
}

std::vector<ClassContention> ContentionPool::tell(Instant now) {
  last_told_ = now;
  is_changed_ = false;
  std::vector<ClassContention> all;
  for (std::size_t i = 0; i < kMaxClasses; ++i) {
    ContentionSums sums{};
    for (const auto& child : children_) add(child[i], 1, sums);
    if (sums.freedom > 0) all.push_back({ClassId(static_cast<std::uint8_t>(i)), sums});
  }
  return all;
}

}  // namespace weir
