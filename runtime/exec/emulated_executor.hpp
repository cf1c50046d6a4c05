// The executor that a service model asks for.

#pragma once

#include <memory>

#include "runtime/base/histogram.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/exec/service_model.hpp"
#include "runtime/exec/task_queue.hpp"

namespace weir {

struct EmulatedExecutor {
  std::unique_ptr<Executor> executor;
  const DurationHistogram* lateness = nullptr;  // the executor's own
};

EmulatedExecutor make_emulated_executor(ServiceModel model, const QueueOptions& queue = {});

}  // namespace weir
