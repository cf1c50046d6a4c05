#include "runtime/exec/emulated_executor.hpp"

#include <utility>

#include "runtime/exec/continuous_executor.hpp"
#include "runtime/exec/timer_executor.hpp"

namespace weir {
namespace {

template <typename ExecutorType>
EmulatedExecutor make(ServiceModel model, const QueueOptions& queue) {
  auto executor = std::make_unique<ExecutorType>(std::move(model), queue);
  const DurationHistogram* lateness = &executor->lateness();
  return {std::move(executor), lateness};
}

}  // namespace

EmulatedExecutor make_emulated_executor(ServiceModel model, const QueueOptions& queue) {
  return model.is_continuous() ? make<ContinuousExecutor>(std::move(model), queue)
                               : make<TimerExecutor>(std::move(model), queue);
}

}  // namespace weir
