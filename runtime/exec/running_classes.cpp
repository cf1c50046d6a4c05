#include "runtime/exec/running_classes.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

void set_bit(ClassMask& mask, std::size_t task_class, bool value) {
  const ClassMask bit = ClassMask{1} << task_class;
  mask = value ? mask | bit : mask & ~bit;
}

bool is_below(std::uint32_t count, std::uint32_t bound) { return bound == 0 || count < bound; }

}  // namespace

RunningClasses::RunningClasses(const std::vector<int>& domain_sizes) {
  WEIR_CHECK(!domain_sizes.empty(), "a node without a memory domain");
  for (const int size : domain_sizes) {
    WEIR_CHECK(size > 0, "a memory domain without a worker");
    domains_.push_back({.size = static_cast<std::uint32_t>(size)});
  }
}

void RunningClasses::set_limits(const ClassLimits& limits) {
  limits_ = limits;
  unbound_by_busy_.clear();
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    const std::size_t binds_from = limits_[i].binds_from;
    if (binds_from > unbound_by_busy_.size()) unbound_by_busy_.resize(binds_from);
    for (std::size_t busy = 0; busy < binds_from; ++busy) set_bit(unbound_by_busy_[busy], i, true);
  }
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    for (Domain& domain : domains_) update(i, domain);
  }
}

void RunningClasses::on_start(ClassId task_class, std::size_t domain) {
  ++counts_[task_class.value()];
  ++domains_[domain].busy;
  ++domains_[domain].counts[task_class.value()];
  update(task_class.value(), domains_[domain]);
}

void RunningClasses::on_end(ClassId task_class, std::size_t domain) {
  --counts_[task_class.value()];
  --domains_[domain].busy;
  --domains_[domain].counts[task_class.value()];
  update(task_class.value(), domains_[domain]);
}

std::uint32_t RunningClasses::node_limit(ClassId task_class) const {
  const std::uint32_t most = limits_[task_class.value()].most;
  std::uint32_t sum = 0;
  for (const Domain& domain : domains_) sum += std::min(most, domain.size);
  return sum;
}

void RunningClasses::update(std::size_t task_class, Domain& domain) {
  const ClassLimit& limit = limits_[task_class];
  set_bit(domain.below_limit, task_class, is_below(domain.counts[task_class], limit.most));
  set_bit(below_share_, task_class, is_below(counts_[task_class], limit.share));
}

}  // namespace weir
