// weir inside an MPI application: define tasks, submit them, wait for them. The one header to
// include.
//
//   weir::Session session(MPI_COMM_WORLD);
//   auto square = session.define("square", [](double x) { return x * x; });
//   session.start();
//   weir::Future<double> result = session.submit(square, 3.0);   // runs on some rank
//   std::cout << result.get();
//   session.wait_all();
//
// Threads. The session is made, started and ended on one thread, the session's, which must be one
// that may call MPI: with MPI_THREAD_FUNNELED, which is enough, the one that initialized it. Tasks
// run on worker threads of all ranks. By default weir moves on while the session's thread is inside
// get(), wait_all() or progress(); a rank that computes for long in between calls progress() now
// and then, or tasks placed on it wait. With Progress::kThread a thread of weir's own moves it on,
// which needs MPI_THREAD_MULTIPLE. The thread that moves weir on has a timer slack of 1 us and,
// where Linux has them, short time slices.
//
// submit() and futures work on any thread, and inside tasks, which may capture the session by
// reference. From the session's own thread, where that moves weir on, a submission costs what the
// agent takes for it, a few hundred ns; from elsewhere it waits in a list until that thread comes
// by, which is woken for it.
//
// Errors. What a task throws comes back as a TaskError with type, text and rank. What the machine
// or the MPI does not offer is an Error with what was found, needed and what to try. Mistakes in
// the use of this interface are a std::logic_error. After each of them the session is as usable as
// before; but not after start() has refused, and where the session has ended on a rank wait_all()
// refuses every time.

#pragma once

#include <mpi.h>

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/exec/kind_table.hpp"
#include "runtime/exec/task_context.hpp"
#include "runtime/protocol/task.hpp"
#include "runtime/session/arguments.hpp"
#include "runtime/session/data.hpp"
#include "runtime/session/future.hpp"
#include "runtime/session/submit_options.hpp"
#include "runtime/session/task_kind.hpp"

namespace weir {

class SessionCore;

class Session {
 public:
  // `communicator` is duplicated, and stays the caller's. Throws Error on all ranks where one has
  // options that mean nothing, or MPI too little thread support for its Progress::kThread; and on
  // this one alone, as it cannot tell the others, where MPI is not running, or lets no thread or
  // only another one call it, or the communicator is MPI_COMM_NULL. Collective.
  explicit Session(MPI_Comm communicator, SessionOptions options = {});
  // Several sessions end in one order on all ranks, the reverse of that in which they were made.
  // Tasks submitted here that are not complete are lost: call wait_all() first. Their futures are
  // ready then, and get() says that the session ended. Of other ranks' tasks those that were here
  // run again elsewhere, or fail where they may not. No other thread may be inside a call of the
  // session, get() aside; a task that runs is waited for, and what it submits is refused.
  // Collective: waits until the session ends on all ranks; but not while an exception unwinds. The
  // others hear that this rank has left in either case. Where MPI_Finalize comes first, the session
  // ends there in the same way, and what is left of it refuses all.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Before start(), on every rank the same names in the same order. `function` takes its arguments
  // by value or const reference, optionally with a TaskContext& first; it runs on any rank, several
  // at a time. Arguments and result are default-constructible, and cereal can serialize them.
  // What that throws fails the task; arguments are serialized only when the task leaves its rank. A
  // mutable callable starts each run as it was when defined. Of a const member function the object
  // is the first argument.
  template <typename Function>
  auto define(std::string name, Function function, KindOptions options = {});

  // A task that takes its payload as it is, without serialization: bytes in, bytes out.
  TaskKind<Bytes(Payload)> define_raw(std::string name, TaskFunction function,
                                      KindOptions options = {});

  // Checks that all ranks defined the same tasks and starts the workers. Throws Error on all ranks
  // if they did not, or where the session ends on one of them before. Collective.
  void start();

  // Any thread. Waits for room where this home's credit is used up (SessionOptions::max_in_flight).
  template <typename Result, typename... Arguments, typename... Given>
  Future<Result> submit(const TaskKind<Result(Arguments...)>& kind, Given&&... given) {
    return submit(SubmitOptions{}, kind, std::forward<Given>(given)...);
  }
  template <typename Result, typename... Arguments, typename... Given>
  Future<Result> submit(const SubmitOptions& options, const TaskKind<Result(Arguments...)>& kind,
                        Given&&... given);
  // The same, but without waiting: nothing where the home's credit is used up, and then the
  // arguments are as they were. Several threads that ask at once may exceed it by one task each.
  template <typename Result, typename... Arguments, typename... Given>
  std::optional<Future<Result>> try_submit(const SubmitOptions& options,
                                           const TaskKind<Result(Arguments...)>& kind,
                                           Given&&... given);
  // Starts when all of `after` are ready, which may be futures of anything this session does on
  // this rank. When one of them failed or was cancelled the task does not run, and its error is
  // that of the first of them. It needs no credit before it starts.
  template <typename Result, typename... Arguments, typename... Given>
  Future<Result> submit_after(const std::vector<AnyFuture>& after, const SubmitOptions& options,
                              const TaskKind<Result(Arguments...)>& kind, Given&&... given);

  // Throws Error when the payload is of more than SessionOptions::max_payload_bytes.
  Future<Bytes> submit_raw(const SubmitOptions& options, const TaskKind<Bytes(Payload)>& kind,
                           Payload payload);
  // As try_submit().
  std::optional<Future<Bytes>> try_submit_raw(const SubmitOptions& options,
                                              const TaskKind<Bytes(Payload)>& kind,
                                              Payload payload);
  // Nobody will ask for the result; an error is counted and dropped. Cheaper than a future.
  void submit_detached(const SubmitOptions& options, KindId kind, Payload payload);

  // `function(arguments...)`, or with a TaskContext& first, on a worker of this rank. Nothing is
  // serialized or copied, so that function, arguments and result may be move-only; `function` takes
  // its arguments by value, reference or rvalue, and they are gone when the future is ready. What
  // it captures by reference must live until then.
  template <typename Function, typename... Given>
  auto run_here(Function function, Given&&... given) {
    return run_here_with(LocalOptions{}, std::move(function), std::forward<Given>(given)...);
  }
  template <typename Function, typename... Given>
  auto run_here_with(const LocalOptions& options, Function function, Given&&... given);

  // Read-only data for tasks of any rank, from now until forget() or the end of the session. This
  // rank is their home; any number of names, and each put() of a name is a new version beside the
  // older ones. `value` stays an object here. It is serialized now, to count its bytes, and when
  // another rank first asks: then its bytes stay beside it. Throws Error for more bytes than
  // SessionOptions::max_payload_bytes, and what its serialization throws. Any thread, also before
  // start().
  template <typename T>
  Data<T> put(std::string name, T value);
  // The value: shared with all tasks of this rank that use it, so not to be changed by a cast. At
  // its home and from the cache of this rank at once; else fetched from its home, once for all that
  // ask meanwhile, and waited for as by get() of a future, but that a task sleeps and runs no
  // others. The cache may not throw it out for as long as the pointer lives. Throws Error where the
  // home has forgotten it, T is another type than was put, or the values in use leave no room for
  // it (SessionOptions::max_cached_bytes), or the session of their home has ended. Any thread.
  template <typename T>
  std::shared_ptr<const T> fetch(const Data<T>& data);
  // The newest version of that name that its home has not forgotten: asks there, and waits for the
  // answer as fetch() does. Throws Error where there is none, or T is another type.
  template <typename T>
  Data<T> find(const std::string& name, RankId home);
  // At the home: nobody can fetch this version any more. Elsewhere it leaves the cache of this rank
  // only. Who has the value keeps it. Does nothing the second time. Any thread.
  template <typename T>
  void forget(const Data<T>& data) {
    forget(data.ref());
  }
  DataCounts data_counts() const;

  // One round of messages and completions, without waiting. Does nothing where another thread moves
  // weir on.
  void progress();
  // Serves the other ranks for that long, asleep while there is nothing to do.
  void progress_for(Duration time);

  // Returns when every task that any rank submitted is complete, those that tasks, continuations
  // and dependencies submitted included. Throws Error where the session has ended on a rank before,
  // as that can never be known then. Collective: one thread of each rank, the session's own unless
  // Progress::kThread; not in a task.
  void wait_all();

  // From now on the workers of this rank begin no task, so that the application may have the cores;
  // those that run end. True when they have, false when some still run after `patience`: nothing
  // more begins all the same. Tasks wait in the queue, immediate ones and what running tasks spawn
  // or wait for go on. resume() lets them begin again. On the session's thread, or on any other
  // with Progress::kThread.
  bool pause(Duration patience = std::chrono::seconds(10));
  void resume();

  // Writes who waits for whom, for a person: the tasks of this home that are not complete, by the
  // rank where they are, with their age; the threads that wait for a future; the workers. From
  // another thread than the one that moves weir on it waits for that one.
  void report(std::ostream& out);

  RankId rank() const;
  int rank_count() const;
  int worker_count() const;
  // Parts of this rank's share of the host with their own way to memory; at least 1. After start().
  int memory_domain_count() const;
  // What has failed for good since start(), complete once wait_all() has returned: tasks submitted
  // here, with futures and detached, functions of this rank, tasks that did not run because another
  // one failed, and spawn_error_count(). Cancelled tasks are not among it.
  std::uint64_t failed_count() const;
  // Spawned tasks that ran here and threw, whichever rank submitted the task that spawned them. The
  // text of each is on stderr; nobody is told, so a program that spawns asks here.
  std::uint64_t spawn_error_count() const;

 private:
  FutureHost& host();
  std::size_t max_payload_bytes() const;
  bool has_room() const;
  KindId add_kind(std::string name, TaskFunction function, KindOptions options);
  // `reads`: beside those of the options.
  void submit_task(const SubmitOptions& options, KindId kind, Payload payload,
                   std::shared_ptr<FutureState> future, std::vector<DataRef> reads);
  void submit_task_after(const std::vector<AnyFuture>& after, const SubmitOptions& options,
                         KindId kind, Payload payload, std::shared_ptr<FutureState> future,
                         std::vector<DataRef> reads);
  DataRef put_value(std::string name, DataValue value, std::uint64_t byte_count,
                    const DataType& type);
  DataValue fetch_value(const DataRef& ref, const DataType& type);
  DataRef find_value(const std::string& name, RankId home, const DataType& type);
  void forget(const DataRef& ref);
  // A task to be submitted.
  template <typename Result>
  struct Made {
    std::shared_ptr<BytesState<Result>> future;
    Payload payload;
    std::vector<DataRef> reads;
  };
  template <typename Result, typename... Arguments, typename... Given>
  Made<Result> make_task(const TaskKind<Result(Arguments...)>& kind, Given&&... given);

  std::unique_ptr<SessionCore> core_;
  std::set<KindId> raw_kinds_;  // complete before start()
};

template <typename Function>
auto Session::define(std::string name, Function function, KindOptions options) {
  using Found = decltype(session_detail::call_of(function));
  using Signature = typename Found::type;
  return TaskKind<Signature>{
      add_kind(std::move(name),
               session_detail::wrap<Found::takes_context>(std::move(function), max_payload_bytes(),
                                                          std::type_identity<Signature>{}),
               options)};
}

template <typename Result, typename... Arguments, typename... Given>
Session::Made<Result> Session::make_task(const TaskKind<Result(Arguments...)>& kind,
                                         Given&&... given) {
  static_assert(sizeof...(Given) == sizeof...(Arguments), "a task takes all of its arguments");
  session_detail::require_serializable<Result, Arguments...>();
  auto future = std::make_shared<BytesState<Result>>(host(), kind.id);
  auto object = std::make_shared<ArgumentsObject<Arguments...>>(
      std::tuple<Arguments...>(std::forward<Given>(given)...), future, max_payload_bytes());
  std::vector<DataRef> reads;
  std::apply([&reads](const auto&... each) { (session_detail::append_reads(reads, each), ...); },
             object->arguments());
  return {std::move(future), Payload(std::move(object)), std::move(reads)};
}

template <typename Result, typename... Arguments, typename... Given>
Future<Result> Session::submit(const SubmitOptions& options,
                               const TaskKind<Result(Arguments...)>& kind, Given&&... given) {
  auto [future, payload, reads] = make_task(kind, std::forward<Given>(given)...);
  submit_task(options, kind.id, std::move(payload), future, std::move(reads));
  return Future<Result>(std::move(future));
}

template <typename Result, typename... Arguments, typename... Given>
std::optional<Future<Result>> Session::try_submit(const SubmitOptions& options,
                                                  const TaskKind<Result(Arguments...)>& kind,
                                                  Given&&... given) {
  if (!has_room()) return std::nullopt;
  return submit(options, kind, std::forward<Given>(given)...);
}

template <typename Result, typename... Arguments, typename... Given>
Future<Result> Session::submit_after(const std::vector<AnyFuture>& after,
                                     const SubmitOptions& options,
                                     const TaskKind<Result(Arguments...)>& kind, Given&&... given) {
  auto [future, payload, reads] = make_task(kind, std::forward<Given>(given)...);
  submit_task_after(after, options, kind.id, std::move(payload), future, std::move(reads));
  return Future<Result>(std::move(future));
}

template <typename T>
Data<T> Session::put(std::string name, T value) {
  const std::uint64_t byte_count = session_detail::byte_count_of(value);
  return Data<T>(put_value(std::move(name), std::make_shared<const T>(std::move(value)), byte_count,
                           session_detail::data_type<T>()));
}

template <typename T>
std::shared_ptr<const T> Session::fetch(const Data<T>& data) {
  return std::static_pointer_cast<const T>(fetch_value(data.ref(), session_detail::data_type<T>()));
}

template <typename T>
Data<T> Session::find(const std::string& name, RankId home) {
  return Data<T>(find_value(name, home, session_detail::data_type<T>()));
}

template <typename Function, typename... Given>
auto Session::run_here_with(const LocalOptions& options, Function function, Given&&... given) {
  using Result = session_detail::ResultHere<Function, std::decay_t<Given>...>;
  auto produce = [function = std::move(function),
                  arguments = std::tuple<std::decay_t<Given>...>(std::forward<Given>(given)...)](
                     TaskContext& context) mutable -> Result {
    return std::apply(
        [&](auto&... each) -> Result {
          return session_detail::call_here(function, context, std::move(each)...);
        },
        arguments);
  };
  return session_detail::run_after<Result>(host(), std::move(produce), {}, options);
}

}  // namespace weir
