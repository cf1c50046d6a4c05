#include "runtime/exec/running_classes.hpp"

#include "runtime/base/check.hpp"

namespace weir {
namespace {

void set_bit(ClassMask& mask, std::size_t task_class, bool value) {
  const ClassMask bit = ClassMask{1} << task_class;
  mask = value ? mask | bit : mask & ~bit;
}

bool is_below(std::uint32_t count, std::uint32_t bound) { return bound == 0 || count < bound; }

}  // namespace

RunningClasses::RunningClasses(int domain_count) {
  WEIR_CHECK(domain_count > 0, "a node without a memory domain");
  domains_.resize(static_cast<std::size_t>(domain_count));
}

void RunningClasses::set_limits(const ClassLimits& limits) {
  limits_ = limits;
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    for (Domain& domain : domains_) update(i, domain);
  }
}

void RunningClasses::on_start(ClassId task_class, std::size_t domain) {
  ++counts_[task_class.value()];
  ++domains_[domain].counts[task_class.value()];
  update(task_class.value(), domains_[domain]);
}

void RunningClasses::on_end(ClassId task_class, std::size_t domain) {
  --counts_[task_class.value()];
  --domains_[domain].counts[task_class.value()];
  update(task_class.value(), domains_[domain]);
}

std::uint32_t RunningClasses::node_limit(ClassId task_class) const {
  return limits_[task_class.value()].most * static_cast<std::uint32_t>(domains_.size());
}

void RunningClasses::update(std::size_t task_class, Domain& domain) {
  const ClassLimit& limit = limits_[task_class];
  set_bit(domain.below_limit, task_class, is_below(domain.counts[task_class], limit.most));
  set_bit(below_share_, task_class, is_below(counts_[task_class], limit.share));
}

}  // namespace weir
