#include "runtime/exec/domain_cores.hpp"

#include "runtime/base/check.hpp"

namespace weir {

DomainCores::DomainCores(int core_count, int domain_count) {
  WEIR_CHECK(domain_count > 0 && core_count >= domain_count, "a memory domain without a core");
  for (int i = 0; i < domain_count; ++i) {
    sizes_.push_back(core_count / domain_count + (i < core_count % domain_count ? 1 : 0));
  }
  free_ = sizes_;
}

ClassMask DomainCores::startable(const RunningClasses& running) const {
  ClassMask classes = 0;
  for (std::size_t i = 0; i < free_.size(); ++i) {
    if (free_[i] > 0) classes |= running.startable(i);
  }
  return classes;
}

std::size_t DomainCores::place(ClassId task_class, const RunningClasses& running) const {
  std::size_t best = 0;
  int most_free = 0;
  for (std::size_t i = 0; i < free_.size(); ++i) {
    if (free_[i] <= most_free || (running.startable(i) & mask_of(task_class)) == 0) continue;
    best = i;
    most_free = free_[i];
  }
  WEIR_CHECK(most_free > 0, "no memory domain may start a task of that class");
  return best;
}

}  // namespace weir
