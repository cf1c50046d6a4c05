// The cores of an emulated node by memory domain, and which domain a task starts in: the one with
// most cores free among those that may run one more of its class.

#pragma once

#include <cstddef>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/exec/running_classes.hpp"

namespace weir {

class DomainCores {
 public:
  // At least one core for each domain; the numbers of cores differ by at most one.
  DomainCores(int core_count, int domain_count);

  // Cores of each domain.
  const std::vector<int>& sizes() const { return sizes_; }
  void take(std::size_t domain) { --free_[domain]; }
  void give_back(std::size_t domain) { ++free_[domain]; }

  // The classes of which some domain with a free core may start a task; and for one of them, where.
  ClassMask startable(const RunningClasses& running) const;
  std::size_t place(ClassId task_class, const RunningClasses& running) const;

 private:
  std::vector<int> sizes_;  // by domain
  std::vector<int> free_;
};

}  // namespace weir
