#include "runtime/control/backlog.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "runtime/control/limit_binding.hpp"

namespace weir {

Backlog::Backlog(std::uint32_t worker_count, std::span<const ClassLoad> classes,
                 const ClassServices& elsewhere)
    : workers_(worker_count), services_(elsewhere) {
  double running = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    queued_[i] = classes[i].queued;
    running_[i] = classes[i].running;
    limits_[i] = classes[i].limit;
    if (classes[i].mean_service_s > 0) services_[i] = classes[i].mean_service_s;
    running += classes[i].running;
  }
  idle_ = std::max(0.0, workers_ - running);
}

std::uint32_t Backlog::queued() const {
  return std::accumulate(queued_.begin(), queued_.end(), std::uint32_t{0});
}

double Backlog::workers_for(ClassId task_class) const {
  const std::uint32_t limit = limits_[task_class.value()];
  return limit == 0 ? workers_ : std::min<double>(workers_, limit);
}

double Backlog::room(std::size_t i) const {
  const double below_limit = double{1} * limits_[i] - running_[i];
  const double until_it_binds =
      limit_binds_from(static_cast<std::uint32_t>(workers_)) - (workers_ - idle_);
  return std::max(below_limit, until_it_binds);
}

double Backlog::drain_s(ClassId task_class) const {
  const std::size_t own = task_class.value();
  double count = 0;
  double work_s = 0;
  for (std::size_t i = 0; i < queued_.size(); ++i) {
    if (i != own && is_held(i)) continue;
    count += queued_[i];
    work_s += queued_[i] * services_[i];
  }
  const double mean_s = count > 0 ? work_s / count : services_[own];
  double drain_s = (count - idle_) * mean_s / workers_;
  if (limits_[own] > 0) {
    const double limited_s = (queued_[own] - room(own)) * services_[own] / workers_for(task_class);
    drain_s = std::max(drain_s, limited_s);
  }
  return drain_s;
}

double Backlog::wait_s(ClassId task_class) const { return std::max(0.0, drain_s(task_class)); }

ClassServices mean_services(std::span<const NodeReport> reports) {
  ClassServices sums{};
  std::array<int, kMaxClasses> counts{};
  for (const NodeReport& report : reports) {
    for (std::size_t i = 0; i < report.classes.size(); ++i) {
      if (report.classes[i].mean_service_s <= 0) continue;
      sums[i] += report.classes[i].mean_service_s * report.speed;
      ++counts[i];
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (counts[i] > 0) sums[i] /= counts[i];
  }
  return sums;
}

ClassServices at_speed(ClassServices services, double speed) {
  for (double& service_s : services) service_s /= speed > 0 ? speed : 1;
  return services;
}

}  // namespace weir
