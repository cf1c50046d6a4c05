// Which tasks run on this thread: one, and on top of it those that it ran while it waited. Kept
// for each thread, because get() has no other way to know where it was called.

#pragma once

#include <optional>

#include "runtime/base/ids.hpp"
#include "runtime/exec/task_context.hpp"

namespace weir {

class SessionCore;

// Lies on the stack of the thread that runs the task.
class RunningCall {
 public:
  RunningCall(SessionCore& session, TaskContext& context)
      : session_(session), context_(context), task_(context.task()), below_(top_) {
    top_ = this;
  }
  ~RunningCall() { top_ = below_; }
  RunningCall(const RunningCall&) = delete;
  RunningCall& operator=(const RunningCall&) = delete;

  // The innermost task of any session that this thread runs; null: none, or one that was spawned.
  static RunningCall* top() { return top_; }
  SessionCore& session() const { return session_; }

  TaskContext& context() const { return context_; }
  const std::optional<TaskId>& task() const { return task_; }
  // Under this one; null: none.
  const RunningCall* below() const { return below_; }

  // Called on each worker thread before it runs anything.
  static void note_worker() { is_worker_ = true; }
  static bool on_worker() { return is_worker_; }

 private:
  inline static thread_local RunningCall* top_ = nullptr;
  inline static thread_local bool is_worker_ = false;

  SessionCore& session_;
  TaskContext& context_;
  std::optional<TaskId> task_;
  RunningCall* below_;
};

}  // namespace weir
