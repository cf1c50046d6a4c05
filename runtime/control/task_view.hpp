// What a policy sees of a task.

#pragma once

#include "runtime/policy/views.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

inline TaskView view_of(const TaskHeader& header, Instant now) {
  return {header.id, header.task_class, header.key, header.cost_hint,
          header.deadline == kNever ? Duration::max() : header.deadline - now};
}

}  // namespace weir
