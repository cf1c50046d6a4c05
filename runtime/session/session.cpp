#include "runtime/session/session.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/mpi/mpi_communicator.hpp"
#include "runtime/session/running_call.hpp"
#include "runtime/session/session_core.hpp"
#include "runtime/session/start_check.hpp"

namespace weir {
namespace {

void check(const SessionOptions& options) {
  if (options.class_count < 1 || options.class_count > kMaxClasses) {
    throw Error("a session cannot have that many classes", std::to_string(options.class_count),
                "1 to " + std::to_string(kMaxClasses), "SessionOptions::class_count = 4");
  }
  if (options.progress != Progress::kCaller && options.progress != Progress::kThread) {
    throw Error("there is no such way to move a session on",
                std::to_string(static_cast<int>(options.progress)), "a value of Progress",
                "SessionOptions::progress = Progress::kCaller");
  }
  if (options.worker_count < 0) {
    throw Error("a session cannot have that many workers", std::to_string(options.worker_count),
                "at least 1, or 0 for one per core of this rank's share",
                "SessionOptions::worker_count = 0");
  }
  if (options.max_retries < 0) {
    throw Error("a task cannot have that many further attempts",
                std::to_string(options.max_retries), "at least 0",
                "SessionOptions::max_retries = 0");
  }
  if (options.max_in_flight < 1) {
    throw Error("a session without credit can submit nothing", "0 tasks", "at least 1",
                "SessionOptions::max_in_flight = 65536");
  }
  if (options.prefer_patience < Duration::zero()) {
    throw Error("the patience of a preference is negative",
                std::to_string(to_seconds(options.prefer_patience)) + " s", "at least 0 s",
                "SessionOptions::prefer_patience = std::chrono::milliseconds(1)");
  }
  if (options.progress == Progress::kThread) require_thread_support(MpiThreads::kMultiple);
}

std::optional<Error> refusal_of(const SessionOptions& options) {
  try {
    check(options);
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

// Bytes with somebody to ask whether the task may begin.
class RawArguments final : public PayloadObject {
 public:
  RawArguments(Payload payload, std::shared_ptr<StartGate> gate)
      : payload_(std::move(payload)), gate_(std::move(gate)) {}
  Bytes serialize() const override {
    const Payload shared = as_payload();
    return {shared.bytes().begin(), shared.bytes().end()};
  }
  // Leaving the rank is a start.
  Payload as_payload() const override {
    if (!try_start()) throw CancelledOnItsWay();
    return payload_;
  }
  bool try_start() const { return gate_->try_start(); }
  const Payload& payload() const { return payload_; }

 private:
  Payload payload_;
  std::shared_ptr<StartGate> gate_;
};

// `most_cached`: in bytes. What no cache can hold is only where it was put, and so is who reads it.
void add_reads(Submission& submission, std::vector<DataRef> reads, std::size_t most_cached) {
  std::move(reads.begin(), reads.end(), std::back_inserter(submission.reads));
  if (submission.target != kNoRank) return;
  const auto fits = [&](const DataRef& ref) { return ref.byte_count <= most_cached; };
  const auto too_large = std::ranges::find_if_not(submission.reads, fits);
  if (too_large != submission.reads.end()) submission.target = too_large->home;
}

}  // namespace

void refuse_more_bytes(const char* what, std::size_t bytes, std::size_t most) {
  if (bytes <= most) return;
  throw Error(std::string(what) + " is too large", std::to_string(bytes) + " bytes",
              "at most " + std::to_string(most) + " bytes (SessionOptions::max_payload_bytes)",
              "passing it in parts, or a larger SessionOptions::max_payload_bytes");
}

Session::Session(MPI_Comm communicator, SessionOptions options) {
  if (communicator == MPI_COMM_NULL) {
    throw Error("a session needs a communicator", "MPI_COMM_NULL", "one that this rank is part of",
                "Session session(MPI_COMM_WORLD), or no session on ranks that are left out");
  }
  auto mpi = borrow_communicator(communicator, MpiThreads::kFunneled);
  const std::optional<Error> refusal = refusal_of(options);
  const std::vector<Bytes> all = mpi->gather_to_all(encode_refusal(refusal));
  const auto refuses = [](const Bytes& one) { return !one.empty(); };
  if (std::ranges::any_of(all, refuses)) mpi.reset();  // On all ranks, before any unwinds.
  require_no_refusal(all, refusal);
  core_ = std::make_unique<SessionCore>(std::move(mpi), std::move(options));
}

Session::~Session() = default;

KindId Session::add_kind(std::string name, TaskFunction function, KindOptions options) {
  return core_->add_kind(std::move(name), std::move(function), options);
}

TaskKind<Bytes(Payload)> Session::define_raw(std::string name, TaskFunction function,
                                             KindOptions options) {
  auto bounded = [function = std::move(function), most = max_payload_bytes()](
                     TaskContext& context, const Payload& payload, Bytes& result) {
    const auto* const raw = dynamic_cast<const RawArguments*>(payload.object());
    if (raw != nullptr && !raw->try_start()) return;
    function(context, raw == nullptr ? payload : raw->payload(), result);
    refuse_more_bytes("the result of a task", result.size(), most);
  };
  const KindId kind = add_kind(std::move(name), std::move(bounded), options);
  raw_kinds_.insert(kind);
  return {kind};
}

void Session::start() { core_->start(); }

void Session::submit_task(const SubmitOptions& options, KindId kind, Payload payload,
                          std::shared_ptr<FutureState> future, std::vector<DataRef> reads) {
  SessionCore::require_defined(kind);
  Submission submission =
      core_->make_submission(options, kind, std::move(payload), std::move(future));
  add_reads(submission, std::move(reads), core_->options().max_cached_bytes);
  core_->submit(std::move(submission));
}

void Session::submit_task_after(const std::vector<AnyFuture>& after, const SubmitOptions& options,
                                KindId kind, Payload payload, std::shared_ptr<FutureState> future,
                                std::vector<DataRef> reads) {
  SessionCore::require_defined(kind);
  std::vector<std::shared_ptr<FutureState>> states;
  for (const AnyFuture& one : after) {
    if (&one.state()->living_host() != &host()) {
      throw std::logic_error("submit_after() a future of another session");
    }
    states.push_back(one.state());
  }
  Submission submission =
      core_->make_submission(options, kind, std::move(payload), std::move(future));
  add_reads(submission, std::move(reads), core_->options().max_cached_bytes);
  core_->submit_after(std::move(states), std::move(submission));
}

std::optional<Future<Bytes>> Session::try_submit_raw(const SubmitOptions& options,
                                                     const TaskKind<Bytes(Payload)>& kind,
                                                     Payload payload) {
  if (!has_room()) return std::nullopt;
  return submit_raw(options, kind, std::move(payload));
}

Future<Bytes> Session::submit_raw(const SubmitOptions& options,
                                  const TaskKind<Bytes(Payload)>& kind, Payload payload) {
  refuse_more_bytes("a payload", payload.bytes().size(), max_payload_bytes());
  auto future = std::make_shared<BytesState<Bytes>>(host(), kind.id);
  if (raw_kinds_.contains(kind.id)) {
    payload = Payload(std::make_shared<RawArguments>(std::move(payload), future));
  } else {
    future->try_start();  // A payload of bytes has nobody to ask.
  }
  submit_task(options, kind.id, std::move(payload), future, {});
  return Future<Bytes>(std::move(future));
}

void Session::submit_detached(const SubmitOptions& options, KindId kind, Payload payload) {
  refuse_more_bytes("a payload", payload.bytes().size(), max_payload_bytes());
  submit_task(options, kind, std::move(payload), nullptr, {});
}

DataRef Session::put_value(std::string name, DataValue value, std::uint64_t byte_count,
                           const DataType& type) {
  refuse_more_bytes("a value that is put", byte_count, max_payload_bytes());
  return core_->data().home().put(std::move(name), std::move(value), byte_count, type);
}

DataValue Session::fetch_value(const DataRef& ref, const DataType& type) {
  return core_->fetch(ref, type);
}

DataRef Session::find_value(const std::string& name, RankId home, const DataType& type) {
  return core_->find(name, home, type);
}

void Session::forget(const DataRef& ref) { core_->data().forget(ref); }
DataCounts Session::data_counts() const { return core_->data().counts(); }

DataValue session_detail::fetch_in_task(const DataRef& ref, const DataType& type) {
  const RunningCall* const call = RunningCall::top();
  if (call == nullptr) {
    throw std::logic_error(
        "Data::get() was called outside of tasks, or in one that was spawned: try "
        "session.fetch(data)");
  }
  return call->session().fetch(ref, type);
}

void Session::progress() { core_->progress(); }
void Session::progress_for(Duration time) { core_->progress_for(time); }
void Session::wait_all() { core_->wait_all(); }
bool Session::pause(Duration patience) { return core_->pause(patience); }
void Session::resume() { core_->resume(); }
void Session::report(std::ostream& out) { core_->report(out); }

FutureHost& Session::host() { return *core_; }
std::size_t Session::max_payload_bytes() const { return core_->options().max_payload_bytes; }
bool Session::has_room() const { return core_->has_room(); }
RankId Session::rank() const { return core_->rank(); }
int Session::rank_count() const { return core_->rank_count(); }
int Session::worker_count() const { return core_->worker_count(); }
int Session::memory_domain_count() const { return core_->memory_domain_count(); }
std::uint64_t Session::failed_count() const { return core_->failed_count(); }
std::uint64_t Session::spawn_error_count() const { return core_->spawn_error_count(); }

}  // namespace weir
