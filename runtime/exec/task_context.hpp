// What a running task may do.

#pragma once

#include <utility>

#include "runtime/base/ids.hpp"
#include "runtime/exec/spawned_task.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// The worker of a task that runs on the control thread.
inline constexpr WorkerId kNoWorker{-1};

// Belongs to one running task; used on its thread and only until it returns.
class TaskContext {
 public:
  virtual ~TaskContext() = default;

  // kNoWorker in an immediate task.
  virtual WorkerId worker() const = 0;

  // Runs `body(TaskContext&)` soon on some worker of this node: the newest first on this worker,
  // the oldest first on workers that have nothing else to do. Nobody is told when it ends; an
  // exception it throws is counted and goes to ThreadExecutorOptions::on_spawn_error. When too many
  // wait at this worker, `body` runs here, before spawn returns. No allocation while `body` has at
  // most SpawnBody::kInlineBytes.
  template <typename Body>
  void spawn(Body&& body, ClassId task_class) {
    push({SpawnBody(std::forward<Body>(body)), task_class});
  }
  // The same for a registered kind; what it returns is dropped.
  virtual void spawn(KindId kind, Payload payload, ClassId task_class) = 0;

 protected:
  virtual void push(SpawnedTask task) = 0;
};

}  // namespace weir
