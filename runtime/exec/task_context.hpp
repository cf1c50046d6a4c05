// What a running task may do.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/base/ids.hpp"
#include "runtime/exec/spawn_desk.hpp"
#include "runtime/exec/spawn_frame.hpp"
#include "runtime/exec/wakeup.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// A question asked again and again, without owning it.
struct Predicate {
  bool (*ask)(void* of) = nullptr;
  void* of = nullptr;

  template <typename Function>
  static Predicate from(Function& function) {
    return {[](void* of) -> bool { return (*static_cast<Function*>(of))(); },
            const_cast<void*>(static_cast<const void*>(&function))};
  }
  bool operator()() const { return ask(of); }
};

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
  // most SpawnFrame::kInlineBytes.
  template <typename Body>
  void spawn(Body&& body, ClassId task_class) {
    put_up(desk_->make(std::forward<Body>(body), task_class, nullptr));
  }
  // The same for a registered kind; what it returns is dropped.
  virtual void spawn(KindId kind, Payload payload, ClassId task_class) = 0;

  // Runs other tasks until `done()` is true: spawned tasks of this worker, queued tasks of this
  // node, spawned tasks of other workers; sleeps where there are none. `done` is asked between
  // tasks and must be cheap; who makes it true on another thread then calls wakeup().wake(), or
  // this worker may sleep on. False when the executor ends before: then queued tasks start no more.
  // Throws std::logic_error in an immediate task, which may not wait.
  //
  // While it waits a task counts neither as running nor against its class's limit, and the time of
  // the queued tasks that run meanwhile, or of sleep, is no part of its service. They run on the
  // same stack: it goes on only when the one on top has ended, so none of them may need what this
  // one does later. Where a quarter of the stack is used, of the queued tasks those that are deeper
  // than this one go before others, from three eighths on they alone run so, and where half of it
  // is used, only spawned tasks of this worker (worker_help).
  template <typename Done>
  requires std::is_invocable_r_v<bool, Done&>
  bool help_until(Done&& done) { return help(Predicate::from(done), kWholeDeque); }
  // Ends the sleep of this worker, from any thread, for as long as the executor lives.
  virtual Wakeup wakeup() const { return {}; }

  // Whether some worker has nothing to do, here or, as far as it is known, on other ranks: the time
  // to split off work. One relaxed read of a line that seldom changes.
  virtual bool hungry() const { return false; }

  // The innermost queued task on this worker's stack: the running one, or where a spawned task
  // runs, the one that waits beneath it. Nothing where there is none.
  virtual std::optional<TaskId> task() const { return std::nullopt; }
  // How many tasks submitted each other before it: what it submits is one deeper. A spawned task is
  // as deep as the one that spawned it.
  std::uint16_t depth() const { return desk_ == nullptr ? std::uint16_t{0} : desk_->depth; }
  // Of the tasks on this thread; null where it is no worker's.
  static const TaskContext* on_this_thread() { return current_; }
  // Whether the task is on this worker's stack: to wait for its end here would never end.
  virtual bool is_beneath(TaskId /*task*/) const { return false; }

 protected:
  // Of the thread that the tasks of this context run on; outlives it. Without a desk nothing can be
  // spawned.
  explicit TaskContext(SpawnDesk* desk = nullptr) : desk_(desk) {}

  // Where half of the stack is used, only spawned tasks of this worker above `floor` run.
  virtual bool help(Predicate done, std::int64_t floor);
  // A spawned task threw what is being handled.
  virtual void report_failure(ClassId /*task_class*/) {}

  SpawnDesk& desk() const { return *desk_; }
  // Runs it, counts it, and ends its life.
  void perform(SpawnFrame& frame);
  // The newest spawned task of this worker; false when there is none, or where half of the stack is
  // used, none above `floor`, a position in the deque.
  bool run_newest(std::int64_t floor) {
    SpawnFrame* frame = pop_newest(has_stack_for_others() ? kWholeDeque : floor);
    if (frame == nullptr) return false;
    perform(*frame);
    return true;
  }
  SpawnFrame* pop_newest(std::int64_t floor) {
    if (desk_->deque.position() <= floor) return nullptr;
    return desk_->deque.pop_newest();
  }
  bool has_stack_for_others() const {
    return static_cast<const std::byte*>(__builtin_frame_address(0)) > stack_limit_;
  }
  // Stacks are used from the upper end downwards: half of this one is used where an address is
  // lower.
  void set_stack_limit(const std::byte* limit) { stack_limit_ = limit; }
  static constexpr std::int64_t kWholeDeque = std::numeric_limits<std::int64_t>::min();
  // The context of the tasks on this thread, for its worker to set.
  static void set_current(TaskContext* context) { current_ = context; }

 private:
  friend class TaskGroup;

  void put_up(SpawnFrame& frame) {
    if (!desk_->put_up(frame)) perform(frame);
  }
  void fail(const SpawnFrame& frame);
  // Throws std::logic_error on a thread that is no worker.
  static TaskContext& current() {
    if (current_ == nullptr) refuse_thread();
    return *current_;
  }
  [[noreturn]] static void refuse_thread();

  // One instruction to read, and no call.
  __attribute__((tls_model("initial-exec"))) static thread_local constinit TaskContext* current_;

  SpawnDesk* desk_;
  const std::byte* stack_limit_ = nullptr;
};

}  // namespace weir
