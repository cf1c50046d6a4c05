#include "runtime/exec/running_classes.hpp"

namespace weir {

void RunningClasses::set_limits(const ClassLimits& limits) {
  limits_ = limits;
  for (std::size_t i = 0; i < limits_.size(); ++i) update(i);
}

void RunningClasses::on_start(ClassId task_class) {
  ++counts_[task_class.value()];
  update(task_class.value());
}

void RunningClasses::on_end(ClassId task_class) {
  --counts_[task_class.value()];
  update(task_class.value());
}

void RunningClasses::update(std::size_t task_class) {
  const ClassLimit& limit = limits_[task_class];
  const std::uint32_t count = counts_[task_class];
  const ClassMask bit = ClassMask{1} << task_class;
  const bool is_below_limit = limit.most == 0 || count < limit.most;
  const bool is_below_share = is_below_limit && (limit.share == 0 || count < limit.share);
  below_limit_ = is_below_limit ? below_limit_ | bit : below_limit_ & ~bit;
  below_share_ = is_below_share ? below_share_ | bit : below_share_ & ~bit;
}

}  // namespace weir
