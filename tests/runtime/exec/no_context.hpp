// The context of tasks that ask nothing of it.

#pragma once

#include "runtime/exec/task_context.hpp"

namespace weir {

class NoContext final : public TaskContext {
 public:
  WorkerId worker() const override { return kNoWorker; }
  void spawn(KindId, Payload, ClassId) override {}
};

}  // namespace weir
