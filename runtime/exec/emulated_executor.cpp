#include "runtime/exec/emulated_executor.hpp"

#include <utility>

#include "runtime/exec/continuous_executor.hpp"
#include "runtime/exec/timer_executor.hpp"

namespace weir {
namespace {

template <typename ExecutorType>
EmulatedExecutor make(ServiceModel model) {
  auto executor = std::make_unique<ExecutorType>(std::move(model));
  const DurationHistogram* lateness = &executor->lateness();
  return {std::move(executor), lateness};
}

}  // namespace

EmulatedExecutor make_emulated_executor(ServiceModel model) {
  return model.is_continuous() ? make<ContinuousExecutor>(std::move(model))
                               : make<TimerExecutor>(std::move(model));
}

}  // namespace weir
