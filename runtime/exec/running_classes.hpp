// What runs on a node by class, and so which classes may have another worker.

#pragma once

#include <array>
#include <cstdint>

#include "runtime/base/ids.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/exec/class_queues.hpp"

namespace weir {

// How many tasks of each class run on the node.
using RunningPerClass = std::array<std::uint32_t, kMaxClasses>;

// One thread at a time. Every call but set_limits() takes constant time.
class RunningClasses {
 public:
  void set_limits(const ClassLimits& limits);

  void on_start(ClassId task_class);
  void on_end(ClassId task_class);

  const ClassLimits& limits() const { return limits_; }
  const RunningPerClass& counts() const { return counts_; }
  std::uint32_t count(ClassId task_class) const { return counts_[task_class.value()]; }

  // The classes that run less than their `most`, and those of them that run less than their share.
  ClassMask below_limit() const { return below_limit_; }
  ClassMask below_share() const { return below_share_; }

 private:
  void update(std::size_t task_class);

  ClassLimits limits_{};
  RunningPerClass counts_{};
  ClassMask below_limit_ = kAllClasses;
  ClassMask below_share_ = kAllClasses;
};

}  // namespace weir
