// How threads wait in a session, each in its own way: the control thread moves weir on, a worker
// runs other tasks, any other thread sleeps.

#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/session/running_call.hpp"
#include "runtime/session/session_core.hpp"

namespace weir {
namespace {

// Lets a thread sleep until a future is ready. On the stack of that thread, which therefore does
// not go on before run() has let go of the lock.
class Alarm final : public Continuation {
 public:
  void run() noexcept override {
    const std::lock_guard lock(mutex_);
    rang_ = true;
    rings_.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    rings_.wait(lock, [this] { return rang_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable rings_;
  bool rang_ = false;
};

// Lets a worker that runs other tasks meanwhile know. It may give up waiting before.
class WorkerCall final : public Continuation {
 public:
  WorkerCall(std::shared_ptr<std::atomic<bool>> called, Wakeup wakeup)
      : called_(std::move(called)), wakeup_(wakeup) {}
  void run() noexcept override {
    const std::unique_ptr<WorkerCall> self(this);
    called_->store(true, std::memory_order_seq_cst);
    wakeup_.wake();
  }

 private:
  std::shared_ptr<std::atomic<bool>> called_;
  Wakeup wakeup_;
};

}  // namespace

void SessionCore::drive_until_accepted(Submission& submission) {
  run_until([&] { return accept(submission, submission.task.header.arrival); });
}

void SessionCore::refuse_in_task(const char* what) const {
  if (!RunningCall::on_worker() && !(on_control_thread() && in_round_)) return;
  throw std::logic_error(std::string(what) + " was called in a task, which would wait for itself");
}

void SessionCore::progress() {
  require_started();
  if (may_drive()) runtime_->loop().step();
}

void SessionCore::progress_for(Duration time) {
  require_started();
  refuse_in_task("progress_for()");
  if (!may_drive()) {
    std::this_thread::sleep_for(time);
    return;
  }
  const Clock& clock = runtime_->clock();
  const Instant end = clock.now() + time;
  for (Instant now = clock.now(); now < end; now = clock.now()) {
    if (!runtime_->loop().step()) runtime_->loop().wait(end - now);
  }
}

void SessionCore::wait(FutureState& state, TaskContext* context) {
  if (context == nullptr && RunningCall::on_worker() && RunningCall::top() != nullptr) {
    context = &RunningCall::top()->context();
  }
  if (context != nullptr && context->worker() != kNoWorker) return wait_in_task(state, *context);
  if (on_control_thread() && in_round_) {
    throw std::logic_error(
        "get() was called in an immediate task, which runs on the thread that it would wait for");
  }
  if (RunningCall::on_worker()) {
    throw std::logic_error(
        "get() was called in a spawned task: try get(context), with the TaskContext& of that task");
  }
  if (may_drive()) {
    const WaitingList::Stay stay(waiting_, {"the session's thread", &state, now()});
    return run_until([&] { return state.is_ready(); });
  }
  if (options_.progress != Progress::kThread) {
    throw std::logic_error(
        "get() was called before the result was there, on a thread that is neither the session's "
        "nor a worker: nobody would move weir on. Try SessionOptions::progress = "
        "Progress::kThread, or then()");
  }
  const WaitingList::Stay stay(waiting_, {"a thread of the application", &state, now()});
  Alarm alarm;
  state.on_ready(alarm);
  alarm.wait();
}

void SessionCore::wait_in_task(FutureState& state, TaskContext& context) {
  for (const RunningCall* call = RunningCall::top(); call != nullptr; call = call->below()) {
    if (!call->task() || !state.needs(*call->task())) continue;
    throw std::logic_error(
        "a task waits for a result that cannot be there before it has returned itself. Try then() "
        "or submit_after() in place of get()");
  }
  const WaitingList::Stay stay(
      waiting_, {"a task on worker " + std::to_string(context.worker().value()), &state, now()});
  const auto called = std::make_shared<std::atomic<bool>>(false);
  state.on_ready(*new WorkerCall(called, context.wakeup()));
  if (context.help_until([&] { return called->load(std::memory_order_seq_cst); })) return;
  throw std::logic_error("the session ended while a task waited for another one");
}

// Tasks sleep here: others that ran on top of them would hold data of their own meanwhile, until
// the cache has no room for any. What they wait for needs no worker.
void SessionCore::wait_for_data(FutureState& arrival) {
  if (!RunningCall::on_worker()) return wait(arrival, nullptr);
  const WaitingList::Stay stay(waiting_, {"a task that fetches data", &arrival, now()});
  Alarm alarm;
  arrival.on_ready(alarm);
  alarm.wait();
}

DataValue SessionCore::fetch(const DataRef& ref, const DataType& type) {
  if (ref.home != rank()) require_started();
  const DataStore::Hold hold = data_.hold(ref, type);
  if (hold.cached == nullptr) return hold.value;
  FutureState& arrival = DataStore::arrival(hold);
  if (data_.has_questions() && !may_drive()) runtime_->wake();
  if (!arrival.is_ready()) wait_for_data(arrival);
  return data_.value_of(hold, type);
}

DataRef SessionCore::find(const std::string& name, RankId home, const DataType& type) {
  if (home != rank()) require_started();
  const auto search = data_.search(name, home);
  FutureState* const arrival = DataStore::arrival(*search);
  if (arrival != nullptr) {
    if (!may_drive()) runtime_->wake();
    wait_for_data(*arrival);
  }
  return data_.found(*search, type);
}

void SessionCore::look() {
  if (may_drive()) runtime_->loop().step();
}

void SessionCore::wake() noexcept { runtime_->wake(); }

void SessionCore::wait_for_room() {
  if (has_room()) return;
  std::unique_lock lock(room_mutex_);
  ++wanting_room_;
  room_.wait(lock, [this] { return has_room() || finished(); });
  --wanting_room_;
}

void SessionCore::publish_room() {
  // In one order with the waiter's two steps: either it sees the room or it is seen.
  in_flight_.store(agent_->in_flight(), std::memory_order_seq_cst);
  if (wanting_room_.load(std::memory_order_seq_cst) == 0 || !has_room()) return;
  const std::lock_guard lock(room_mutex_);
  room_.notify_all();
}

void SessionCore::until_done(const char* what, std::function<bool(Instant)> is_done) {
  require_started();
  refuse_in_task(what);
  if (may_drive()) return run_until([&] { return is_done(now()); });
  if (options_.progress != Progress::kThread) {
    throw std::logic_error(std::string(what) +
                           " was called on another thread than the session's. Try "
                           "SessionOptions::progress = Progress::kThread");
  }
  ask(std::move(is_done));
}

// The control thread does it, while this one sleeps.
void SessionCore::ask(std::function<bool(Instant)> is_done) {
  auto request = std::make_shared<Request>();
  request->is_done = std::move(is_done);
  {
    const std::lock_guard lock(requests_mutex_);
    if (finished()) throw std::logic_error("the session has ended");
    requests_.push_back(request);
    has_requests_.store(true, std::memory_order_release);
  }
  runtime_->wake();
  std::unique_lock lock(request->mutex);
  request->ended.wait(lock, [&] { return request->done; });
  if (request->abandoned) throw std::logic_error("the session ended while a thread waited for it");
}

void SessionCore::answer_requests(Instant now) {
  std::vector<std::shared_ptr<Request>> all;
  {
    const std::lock_guard lock(requests_mutex_);
    std::swap(all, requests_);
  }
  std::erase_if(all, [now](const auto& request) {
    if (!request->is_done(now)) return false;
    const std::lock_guard lock(request->mutex);
    request->done = true;
    request->ended.notify_all();
    return true;
  });
  const std::lock_guard lock(requests_mutex_);
  requests_.insert(requests_.begin(), all.begin(), all.end());
  has_requests_.store(!requests_.empty(), std::memory_order_release);
}

void SessionCore::abandon_requests() {
  const std::lock_guard all(requests_mutex_);
  for (const auto& request : std::exchange(requests_, {})) {
    const std::lock_guard lock(request->mutex);
    request->done = request->abandoned = true;
    request->ended.notify_all();
  }
  const std::lock_guard lock(room_mutex_);
  room_.notify_all();
}

void SessionCore::wait_all() {
  bool closed = false;
  std::uint32_t before = 0;
  std::optional<Leaver> leaver;
  until_done("wait_all()", [&, this](Instant) {
    if (!std::exchange(closed, true)) {
      before = agent_->ended_epochs();
      agent_->close_epoch();
    }
    if (agent_->ended_epochs() != before) return true;
    leaver = who_left_before(before + 1);
    return leaver.has_value();
  });
  if (leaver) refuse_without(*leaver);
  if (may_drive()) runtime_->loop().step();  // Sends what the end of the epoch left to send.
}

bool SessionCore::pause(Duration patience) {
  bool begun = false;
  bool idle = false;
  Instant end{};
  until_done("pause()", [&, this](Instant now) {
    if (!std::exchange(begun, true)) {
      paused_.store(true, std::memory_order_release);
      executor_->keep_back(true, now);
      end = now + patience;
    }
    idle = executor_->load(now).running <= at_gate_.load(std::memory_order_acquire);
    pausing_ = !idle && now < end;
    return !pausing_;
  });
  return idle;
}

void SessionCore::resume() {
  until_done("resume()", [this](Instant now) {
    {
      const std::lock_guard lock(gate_mutex_);
      paused_.store(false, std::memory_order_release);
    }
    gate_.notify_all();
    executor_->keep_back(false, now);
    return true;
  });
}

// Tasks of immediate kinds, and those that a waiting task runs meanwhile, go on.
void SessionCore::stop_at_gate(TaskContext& context) {
  if (context.worker() == kNoWorker || RunningCall::top() != nullptr) return;
  std::unique_lock lock(gate_mutex_);
  at_gate_.fetch_add(1, std::memory_order_acq_rel);
  gate_.wait(lock, [this] { return !paused_.load(std::memory_order_acquire); });
  at_gate_.fetch_sub(1, std::memory_order_acq_rel);
}

}  // namespace weir
