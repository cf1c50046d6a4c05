#include "runtime/control/subtree_report.hpp"

#include <algorithm>
#include <cstddef>

namespace weir {
namespace {

// Every so many reports all classes are told, changed or not, so that a lost report is made good.
constexpr std::uint32_t kReportsPerRefresh = 8;

}  // namespace

NodeReport merged_report(std::span<const NodeReport> children) {
  NodeReport sum;
  double capacity = 0;
  double busy_workers = 0;
  std::array<double, kMaxClasses> workers{};     // that know the class's service
  std::array<double, kMaxClasses> per_second{};  // what those complete of it
  for (const NodeReport& child : children) {
    if (child.sequence == 0) continue;
    sum.worker_count += child.worker_count;
    capacity += child.worker_count * child.speed;
    busy_workers += child.worker_count * child.busy_share;
    sum.classes.resize(std::max(sum.classes.size(), child.classes.size()));
    for (std::size_t i = 0; i < child.classes.size(); ++i) {
      const ClassLoad& load = child.classes[i];
      sum.classes[i].queued += load.queued;
      sum.classes[i].running += load.running;
      sum.classes[i].arrived += load.arrived;
      sum.classes[i].completed += load.completed;
      if (load.mean_service_s <= 0) continue;
      workers[i] += child.worker_count;
      per_second[i] += child.worker_count / load.mean_service_s;
    }
  }
  for (std::size_t i = 0; i < sum.classes.size(); ++i) {
    if (per_second[i] > 0) sum.classes[i].mean_service_s = workers[i] / per_second[i];
  }
  if (sum.worker_count > 0) {
    sum.speed = capacity / sum.worker_count;
    sum.busy_share = busy_workers / sum.worker_count;
  }
  return sum;
}

SubtreeReport SubtreeReporter::next(const NodeReport& merged, Instant now) {
  SubtreeReport report{.sequence = ++sequence_,
                       .made = now,
                       .worker_count = merged.worker_count,
                       .speed = static_cast<float>(merged.speed),
                       .busy_share = static_cast<float>(merged.busy_share),
                       .class_count = static_cast<std::uint8_t>(merged.classes.size()),
                       .changed = {}};
  if (sequence_ % kReportsPerRefresh == 0) told_ = {};
  const std::size_t count = merged.classes.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (report.changed.size() == kMostClassesPerReport) break;
    const std::size_t task_class = (first_class_ + i) % count;
    const ClassLoad& load = merged.classes[task_class];
    if (!is_changed(task_class, load)) continue;
    report.changed.push_back({ClassId(static_cast<std::uint8_t>(task_class)), load});
    told_[task_class] = load;
  }
  // Those that had to wait come first next time.
  if (!report.changed.empty()) first_class_ = report.changed.back().task_class.value() + 1u;
  return report;
}

bool SubtreeReporter::is_changed(std::size_t task_class, const ClassLoad& load) const {
  const ClassLoad& told = told_[task_class];
  return load.queued != told.queued || load.running != told.running ||
         load.arrived != told.arrived || load.completed != told.completed ||
         load.mean_service_s != told.mean_service_s;
}

bool apply(const SubtreeReport& report, NodeReport& known) {
  if (report.sequence <= known.sequence) return false;
  known.sequence = report.sequence;
  known.made = report.made;
  known.worker_count = report.worker_count;
  known.speed = report.speed;
  known.busy_share = report.busy_share;
  known.classes.resize(report.class_count);
  for (const auto& [task_class, load] : report.changed) known.classes[task_class.value()] = load;
  return true;
}

}  // namespace weir
