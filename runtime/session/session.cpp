#include "runtime/session/session.hpp"

#include <string>
#include <unordered_map>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/mpi/mpi_communicator.hpp"
#include "runtime/session/node_runtime.hpp"

namespace weir {
namespace {

// Ids of tasks that an application submits: the upper half of the stream numbers, one for each
// rank, so that no two ranks make the same one. Their digest means nothing, and nobody asks for it.
constexpr std::uint16_t kFirstSessionStream = 0x8000;

NodeRuntimeOptions runtime_options(const SessionOptions& options) {
  NodeRuntimeOptions runtime;
  runtime.policy = options.policy;
  runtime.seed = options.seed;
  runtime.worker_count = options.worker_count;
  runtime.class_count = options.class_count;
  runtime.max_retries = options.max_retries;
  runtime.switch_file = options.switch_file;
  runtime.settings = "class_count=" + std::to_string(options.class_count) +
                     "\nmax_retries=" + std::to_string(options.max_retries) +
                     "\nseed=" + std::to_string(options.seed) +
                     "\nswitch_file=" + options.switch_file;
  return runtime;
}

}  // namespace

struct Session::Core final : CompletionSink {
  Core(MPI_Comm communicator, SessionOptions o)
      : options(std::move(o)), mpi(borrow_communicator(communicator, MpiThreads::kFunneled)) {}

  void on_completed(CompletedTask task, Instant) override {
    if (task.status == TaskStatus::kFailed) ++failed;
    const auto outcome = outcomes.find(task.header.id);
    if (outcome == outcomes.end()) return;
    outcome->second = {true, task.status, task.node, std::move(task.result)};
  }

  void require_started() const { WEIR_CHECK(agent != nullptr, "the session has not been started"); }

  // Rounds of the loop until `done` says so, which is asked once a round: it may do something.
  // Asleep in between.
  template <typename Done>
  void run_until(const Done& done) {
    if (done()) return;
    runtime->loop().act();
    for (;;) {
      const bool received = runtime->loop().step();
      if (done()) return;
      if (!received) runtime->loop().wait(kLongestWait);
    }
  }

  // A safety net only: whatever ends a wait rings.
  static constexpr Duration kLongestWait = std::chrono::milliseconds(250);

  SessionOptions options;
  std::unique_ptr<MpiContext> mpi;
  KindTable kinds;
  std::unique_ptr<NodeRuntime> runtime;
  NodeAgent* agent = nullptr;
  std::unordered_map<TaskId, Outcome> outcomes;  // of tasks somebody holds a future of
  std::uint64_t next_index = 0;
  std::uint64_t failed = 0;
};

Session::Session(MPI_Comm communicator, SessionOptions options) {
  if (options.class_count < 1 || options.class_count > kMaxClasses) {
    throw Error("a session cannot have that many classes", std::to_string(options.class_count),
                "1 to " + std::to_string(kMaxClasses), "SessionOptions::class_count = 4");
  }
  core_ = std::make_unique<Core>(communicator, std::move(options));
}

Session::~Session() = default;

KindId Session::add_kind(std::string name, TaskFunction function, KindOptions options) {
  WEIR_CHECK(core_->runtime == nullptr, "a task was defined after start()");
  return core_->kinds.add(std::move(name), std::move(function), options);
}

TaskKind<Bytes(Payload)> Session::define_raw(std::string name, TaskFunction function,
                                             KindOptions options) {
  return {add_kind(std::move(name), std::move(function), options)};
}

void Session::start() {
  WEIR_CHECK(core_->mpi->rank_count() <= kFirstSessionStream,
             "more ranks than numbers for their tasks");
  WEIR_CHECK(core_->runtime == nullptr, "the session was started twice");
  core_->runtime =
      std::make_unique<NodeRuntime>(*core_->mpi, core_->kinds, runtime_options(core_->options));
  core_->agent = &core_->runtime->begin(*core_, nullptr);
}

TaskId Session::submit_payload(const SubmitOptions& options, KindId kind, Payload payload,
                               bool wanted) {
  Core& core = *core_;
  core.require_started();
  WEIR_CHECK(options.task_class.value() < core.options.class_count, "there is no such class");
  WEIR_CHECK(options.target.value() < core.mpi->rank_count(), "there is no such rank");
  const Instant now = core.runtime->clock().now();
  Task task;
  task.header.id = make_task_id(
      StreamId(static_cast<std::uint16_t>(kFirstSessionStream + core.mpi->rank().value())),
      core.next_index++);
  task.header.kind = kind;
  task.header.task_class = options.task_class;
  task.header.priority = options.priority;
  task.header.cost_hint = options.cost_hint;
  task.header.flags = options.no_rerun ? kNoRerun : 0;
  task.header.arrival = now;
  if (options.deadline) task.header.deadline = now + *options.deadline;
  task.payload = std::move(payload);
  const TaskId id = task.header.id;
  if (wanted) core.outcomes.try_emplace(id);
  // The home is full: its own progress makes room.
  core.run_until([&] { return core.agent->submit(task, now, options.target); });
  return id;
}

Future<Bytes> Session::submit_raw(const SubmitOptions& options,
                                  const TaskKind<Bytes(Payload)>& kind, Payload payload) {
  return {*this, submit_payload(options, kind.id, std::move(payload), true)};
}

void Session::submit_detached(const SubmitOptions& options, KindId kind, Payload payload) {
  submit_payload(options, kind, std::move(payload), false);
}

void Session::progress() {
  core_->require_started();
  core_->runtime->loop().step();
}

void Session::progress_for(Duration time) {
  core_->require_started();
  const Clock& clock = core_->runtime->clock();
  const Instant end = clock.now() + time;
  for (Instant now = clock.now(); now < end; now = clock.now()) {
    if (!core_->runtime->loop().step()) core_->runtime->loop().wait(end - now);
  }
}

void Session::wait_all() {
  Core& core = *core_;
  core.require_started();
  const auto before = core.agent->ended_epochs();
  core.agent->close_epoch();
  core.run_until([&] { return core.agent->ended_epochs() != before; });
  core.runtime->loop().step();  // Sends what the end of the epoch left to send.
}

bool Session::is_ready(TaskId task) {
  if (!core_->outcomes.at(task).ready) progress();
  return core_->outcomes.at(task).ready;
}

Bytes Session::take(TaskId task) {
  core_->run_until([&] { return core_->outcomes.at(task).ready; });
  Outcome outcome = std::move(core_->outcomes.at(task));
  forget(task);
  if (outcome.status == TaskStatus::kFailed) {
    throw TaskError(
        std::string(reinterpret_cast<const char*>(outcome.result.data()), outcome.result.size()) +
            " (rank " + std::to_string(outcome.node.value()) + ")",
        outcome.node);
  }
  return std::move(outcome.result);
}

void Session::forget(TaskId task) { core_->outcomes.erase(task); }

RankId Session::rank() const { return core_->mpi->rank(); }
int Session::rank_count() const { return core_->mpi->rank_count(); }
int Session::worker_count() const {
  core_->require_started();
  return core_->runtime->worker_count();
}
std::uint64_t Session::failed_count() const { return core_->failed + spawn_error_count(); }
std::uint64_t Session::spawn_error_count() const {
  return core_->agent == nullptr ? 0 : core_->runtime->spawn_counts().failed;
}

}  // namespace weir
