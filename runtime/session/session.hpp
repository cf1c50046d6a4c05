// weir inside an MPI application: define tasks, submit them, wait for them.
//
//   weir::Session session(MPI_COMM_WORLD);
//   auto square = session.define("square", [](double x) { return x * x; });
//   session.start();
//   weir::Future<double> result = session.submit(square, 3.0);   // runs on some rank
//   std::cout << result.get();
//   session.wait_all();
//
// A session belongs to the thread that made it, which must be one that may call MPI: with
// MPI_THREAD_FUNNELED, which is enough, the one that initialized it. Tasks run on worker threads of
// all ranks. weir moves on while that thread is inside get(), wait_all() or progress(); a rank that
// computes for long in between calls progress() now and then, or tasks placed on it wait. From
// start() on that thread has a timer slack of 1 us and, where Linux has them, short time slices.

#pragma once

#include <mpi.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "runtime/base/ids.hpp"
#include "runtime/exec/kind_table.hpp"
#include "runtime/exec/task_context.hpp"
#include "runtime/protocol/task.hpp"
#include "runtime/session/arguments.hpp"

namespace weir {

struct SessionOptions {
  std::string policy = "shortest_expected_delay";
  int worker_count = 0;  // threads of this rank; 0: one per core of its share of the host
  int class_count = 4;   // classes are 0 to class_count - 1, at most kMaxClasses
  int max_retries = 0;   // further attempts of a task that throws
  std::uint64_t seed = 1;
  // For policies that follow the tree: a file in the form of Slurm's topology.conf, read on rank 0;
  // clusters are its leaf switches. Empty: what Slurm tells each rank, if it does.
  std::string switch_file;
};

struct SubmitOptions {
  RankId target = kNoRank;  // the rank that must run it; kNoRank: the policy chooses
  ClassId task_class{0};
  std::uint8_t priority = 0;  // higher first at a node, whatever the class
  std::optional<Duration>
      deadline;           // from now; travels with the task, no shipped policy looks at it yet
  Duration cost_hint{0};  // expected run time on a core of speed 1, for policies; zero: unknown
  bool no_rerun = false;  // has side effects: fails rather than run twice
};

// The task threw, or its arguments or its result could not be serialized, on every attempt. what()
// is "TYPE: TEXT", with the rank where that last happened.
class TaskError : public std::runtime_error {
 public:
  TaskError(const std::string& text, RankId rank) : std::runtime_error(text), rank_(rank) {}
  RankId rank() const { return rank_; }

 private:
  RankId rank_;
};

// A defined task: copy it freely; valid for the session that defined it.
template <typename Signature>
struct TaskKind {
  KindId id;
};

class Session;

// The result to come of one task. Dropping a future does not stop the task. A future must not
// outlive its session.
template <typename Result>
class Future {
 public:
  Future(Session& session, TaskId task) : session_(&session), task_(task) {}
  Future(Future&& other) noexcept
      : session_(std::exchange(other.session_, nullptr)), task_(other.task_) {}
  Future& operator=(Future&& other) noexcept {
    std::swap(session_, other.session_);
    std::swap(task_, other.task_);
    return *this;
  }
  ~Future();

  // True when get() will not wait, so also once the result was taken. Moves weir on.
  bool ready() const;

  // Waits for the result and takes it: once. Throws TaskError if the task failed.
  Result get();

 private:
  Session* session_;
  TaskId task_;
};

class Session {
 public:
  // `communicator` is duplicated, and stays the caller's; MPI must be initialized. Throws Error if
  // MPI's thread support is too little, or lets only another thread call MPI. Collective.
  explicit Session(MPI_Comm communicator, SessionOptions options = {});
  // Tasks that are not complete are lost: call wait_all() first. Collective.
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
  // if they did not. Collective.
  void start();

  template <typename Result, typename... Arguments, typename... Given>
  Future<Result> submit(const TaskKind<Result(Arguments...)>& kind, Given&&... given) {
    return submit(SubmitOptions{}, kind, std::forward<Given>(given)...);
  }
  template <typename Result, typename... Arguments, typename... Given>
  Future<Result> submit(const SubmitOptions& options, const TaskKind<Result(Arguments...)>& kind,
                        Given&&... given);
  Future<Bytes> submit_raw(const SubmitOptions& options, const TaskKind<Bytes(Payload)>& kind,
                           Payload payload);
  // Nobody will ask for the result; an error is counted and dropped. Cheaper than a future.
  void submit_detached(const SubmitOptions& options, KindId kind, Payload payload);

  // One round of messages and completions, without waiting.
  void progress();
  // Serves the other ranks for that long, asleep while there is nothing to do.
  void progress_for(Duration time);

  // Returns when every task that any rank submitted is complete. Collective.
  void wait_all();

  RankId rank() const;
  int rank_count() const;
  int worker_count() const;
  // What has failed for good since start(), complete once wait_all() has returned: tasks submitted
  // here, with futures and detached, and spawn_error_count().
  std::uint64_t failed_count() const;
  // Spawned tasks that ran here and threw, whichever rank submitted the task that spawned them. The
  // text of each is on stderr; nobody is told, so a program that spawns asks here.
  std::uint64_t spawn_error_count() const;

 private:
  template <typename Result>
  friend class Future;
  struct Core;

  struct Outcome {
    bool ready = false;
    TaskStatus status = TaskStatus::kDone;
    RankId node;
    Bytes result;
  };

  KindId add_kind(std::string name, TaskFunction function, KindOptions options);
  TaskId submit_payload(const SubmitOptions& options, KindId kind, Payload payload, bool wanted);
  bool is_ready(TaskId task);
  // Waits; the result bytes, or throws TaskError.
  Bytes take(TaskId task);
  void forget(TaskId task);

  std::unique_ptr<Core> core_;
};

namespace session_detail {

// The signature R(A...) of a call, without a leading TaskContext&.
template <typename R, typename... A>
struct Call {
  using type = R(std::remove_cvref_t<A>...);
  static constexpr bool takes_context = false;
};
template <typename R, typename... A>
struct Call<R, TaskContext&, A...> {
  using type = R(std::remove_cvref_t<A>...);
  static constexpr bool takes_context = true;
};

// How a function pointer is called.
template <typename Pointer>
struct CallOf;
template <typename R, typename... A, bool kNoexcept>
struct CallOf<R (*)(A...) noexcept(kNoexcept)> : Call<R, A...> {};

// How a member function is called: on an object that stays, or on one that is an argument.
template <typename Member>
struct MemberCallOf;
template <typename R, typename C, typename... A, bool kNoexcept>
struct MemberCallOf<R (C::*)(A...) noexcept(kNoexcept)> {
  using OnFunctor = Call<R, A...>;
  using OnArgument = Call<R, C, A...>;
};
template <typename R, typename C, typename... A, bool kNoexcept>
struct MemberCallOf<R (C::*)(A...) const noexcept(kNoexcept)> : MemberCallOf<R (C::*)(A...)> {};
template <typename R, typename C, typename... A, bool kNoexcept>
struct MemberCallOf<R (C::*)(A...)& noexcept(kNoexcept)> : MemberCallOf<R (C::*)(A...)> {};
template <typename R, typename C, typename... A, bool kNoexcept>
struct MemberCallOf<R (C::*)(A...) const& noexcept(kNoexcept)> : MemberCallOf<R (C::*)(A...)> {};

template <typename F>
auto call_of(const F&) {
  if constexpr (std::is_pointer_v<F>) {
    return CallOf<F>{};
  } else if constexpr (std::is_member_function_pointer_v<F>) {
    return typename MemberCallOf<F>::OnArgument{};
  } else {
    return typename MemberCallOf<decltype(&F::operator())>::OnFunctor{};
  }
}

template <typename Function, typename... Given>
decltype(auto) run(const Function& function, Given&... given) {
  if constexpr (std::is_invocable_v<const Function&, Given&...>) {
    return std::invoke(function, given...);
  } else {
    static_assert(std::is_invocable_v<Function&, Given&...>,
                  "a task takes its arguments by value or const reference; a member function that "
                  "is one is const");
    Function own = function;  // A mutable one: several run at a time.
    return std::invoke(own, given...);
  }
}

template <bool kTakesContext, typename Function, typename Result, typename... Arguments>
TaskFunction wrap(Function function, std::type_identity<Result(Arguments...)>) {
  return [function](TaskContext& context, const Payload& payload, Bytes& result) {
    const auto call = [&](const Arguments&... arguments) -> Result {
      if constexpr (kTakesContext) {
        return run(function, context, arguments...);
      } else {
        return run(function, arguments...);
      }
    };
    if constexpr (std::is_void_v<Result>) {
      with_arguments<Arguments...>(payload, call);
    } else {
      result = to_bytes(with_arguments<Arguments...>(payload, call));
    }
  };
}

}  // namespace session_detail

template <typename Function>
auto Session::define(std::string name, Function function, KindOptions options) {
  using Found = decltype(session_detail::call_of(function));
  using Signature = typename Found::type;
  return TaskKind<Signature>{add_kind(std::move(name),
                                      session_detail::wrap<Found::takes_context>(
                                          std::move(function), std::type_identity<Signature>{}),
                                      options)};
}

template <typename Result, typename... Arguments, typename... Given>
Future<Result> Session::submit(const SubmitOptions& options,
                               const TaskKind<Result(Arguments...)>& kind, Given&&... given) {
  static_assert(sizeof...(Given) == sizeof...(Arguments), "a task takes all of its arguments");
  Payload payload;
  if constexpr (sizeof...(Arguments) > 0) {
    payload = Payload(std::make_shared<ArgumentsObject<Arguments...>>(
        std::tuple<Arguments...>(std::forward<Given>(given)...)));
  }
  return Future<Result>(*this, submit_payload(options, kind.id, std::move(payload), true));
}

template <typename Result>
Future<Result>::~Future() {
  if (session_ != nullptr) session_->forget(task_);
}

template <typename Result>
bool Future<Result>::ready() const {
  return session_ == nullptr || session_->is_ready(task_);
}

template <typename Result>
Result Future<Result>::get() {
  if (session_ == nullptr) throw std::logic_error("the result was taken before");
  Session& session = *std::exchange(session_, nullptr);
  Bytes bytes = session.take(task_);
  if constexpr (std::is_same_v<Result, Bytes>) {
    return bytes;
  } else if constexpr (!std::is_void_v<Result>) {
    return from_bytes<Result>(bytes);
  }
}

}  // namespace weir
