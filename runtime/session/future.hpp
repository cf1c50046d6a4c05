// Results to come.

#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/base/exception_text.hpp"
#include "runtime/session/future_state.hpp"
#include "runtime/session/task_kind.hpp"

namespace weir {

class AnyFuture;
namespace session_detail {
struct FutureAccess;
}

// The result to come of one task, or of a function of this rank. Any thread may use it, one at a
// time. Dropping it does not stop the task. It may outlive its session, which then has settled it:
// ready(), get() and cancel() are what it is good for then; anything else throws std::logic_error.
template <typename Result>
class Future {
 public:
  Future() = default;  // as if its result was taken
  explicit Future(std::shared_ptr<TypedState<Result>> state) : state_(std::move(state)) {}
  Future(Future&&) noexcept = default;
  Future& operator=(Future&&) noexcept = default;

  // True when get() will not wait, so also once the result was taken. On the session's thread it
  // moves weir on.
  bool ready() const;

  // Waits for the result and takes it: once. On the session's thread weir moves on meanwhile; on a
  // worker other tasks of its rank run meanwhile, on top of the one that waits, as long as half of
  // its stack is free. Any number of tasks may each wait for some that they submitted; but a chain
  // of tasks in which each waits for the next ends where no worker has room on its stack, some
  // thousands of them on stacks of 8 MB: that one then fails, after a second of each of its
  // attempts (SessionOptions::max_retries), and is better written with then() or submit_after(). A
  // task should wait for none that was submitted before itself. Any other thread sleeps, which
  // needs Progress::kThread. Throws TaskError if the task failed, TaskCancelled if it was
  // cancelled, and std::logic_error, without waiting, if the result was taken before, if a task
  // would wait for itself, if this thread cannot wait, or if the session ended first.
  Result get();
  // The same in a task that was spawned, which has to name its context.
  Result get(TaskContext& context);

  // Calls `function(result)`, or `function(context, result)`, on a worker of this rank as soon as
  // the result is there; `function()` where there is none to pass. Takes the result; gives the
  // future of what `function` returns, which need not be serializable. Where the task fails
  // `function` is not called, and the error is passed on. What is to follow counts in the epoch.
  template <typename Function>
  auto then(Function function, const LocalOptions& options = {});

  // True when the task had not started, neither here nor on its way to another rank: it will not
  // run, and get() throws TaskCancelled. What when_all() returns cannot be cancelled, nor can tasks
  // of immediate kinds once they have been handed to the session. Any thread.
  bool cancel();

 private:
  Result take_result();

  friend class AnyFuture;
  friend struct session_detail::FutureAccess;

  TypedState<Result>& state() const {
    if (state_ == nullptr) throw std::logic_error("the result was taken before");
    return *state_;
  }

  std::shared_ptr<TypedState<Result>> state_;
};

// A future seen from outside: one that something else is to follow. Does not take the result.
class AnyFuture {
 public:
  template <typename Result>
  AnyFuture(const Future<Result>& future) : state_(future.state_) {  // NOLINT: meant to convert
    future.state();
  }
  const std::shared_ptr<FutureState>& state() const { return state_; }

 private:
  std::shared_ptr<FutureState> state_;
};

namespace session_detail {

struct FutureAccess {
  template <typename Result>
  static FutureHost& host(const Future<Result>& future) {
    return future.state().living_host();
  }
  template <typename Result>
  static std::shared_ptr<TypedState<Result>> take_state(Future<Result>& future) {
    future.state();
    return std::exchange(future.state_, nullptr);
  }
};

template <typename Result, typename Produce>
class OwnCall final : public LocalCall {
 public:
  OwnCall(std::shared_ptr<ValueState<Result>> future, Produce produce)
      : future_(std::move(future)), produce_(std::move(produce)) {}

  void run(TaskContext& context) const noexcept override {
    if (!future_->try_start()) return;
    FutureHost& host = future_->host();
    try {
      if constexpr (std::is_void_v<Result>) {
        (*produce_)(context);
      } else {
        future_->put((*produce_)(context));
      }
      produce_.reset();  // What it owned is gone before anybody hears that it ran.
    } catch (...) {
      host.count_failed();
      future_->settle_failed(current_exception_text(), host.rank());
      return;
    }
    future_->settle(FutureState::Status::kDone, host.rank(), {});
  }

 private:
  std::shared_ptr<ValueState<Result>> future_;
  // Runs once, whatever a payload promises: this kind has no second attempt.
  mutable std::optional<Produce> produce_;
};

// `produce(TaskContext&)` on a worker of this rank, after all of `after`.
template <typename Result, typename Produce>
Future<Result> run_after(FutureHost& host, Produce produce,
                         std::vector<std::shared_ptr<FutureState>> after,
                         const LocalOptions& options) {
  auto future = std::make_shared<ValueState<Result>>(host, kLocalCallKind);
  host.run_local(std::make_shared<OwnCall<Result, Produce>>(future, std::move(produce)), future,
                 std::move(after), options);
  return Future<Result>(std::move(future));
}

// Ready when all of its parts are; their results are taken when its own is.
template <typename Result, typename Parts>
class JoinedState final : public TypedState<Result>,
                          public std::enable_shared_from_this<JoinedState<Result, Parts>> {
 public:
  JoinedState(FutureHost& host, Parts parts, std::vector<std::shared_ptr<FutureState>> all)
      : TypedState<Result>(host, kLocalCallKind),
        parts_(std::move(parts)),
        all_(std::move(all)),
        missing_(all_.size()) {
    this->try_start();
  }

  ~JoinedState() override { let_go(std::move(all_)); }

  // Once, after it is shared.
  void begin() {
    for (const auto& one : all_) one->on_ready(*new Arrival(this->shared_from_this()));
  }
  std::span<const std::shared_ptr<FutureState>> parts() const override { return all_; }
  Result take() override { return parts_(); }

 private:
  class Arrival final : public Continuation {
   public:
    explicit Arrival(std::shared_ptr<JoinedState> joined) : joined_(std::move(joined)) {}
    void run() noexcept override {
      const std::unique_ptr<Arrival> self(this);
      joined_->on_arrival();
    }

   private:
    std::shared_ptr<JoinedState> joined_;
  };

  void on_arrival() {
    if (missing_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    for (const auto& one : all_) {
      if (one->status() == FutureState::Status::kDone) continue;
      this->settle_like(*one);
      return;
    }
    this->settle(FutureState::Status::kDone, kNoRank, {});
  }

  Parts parts_;
  std::vector<std::shared_ptr<FutureState>> all_;
  std::atomic<std::size_t> missing_;
};

inline void require_one_session(const std::vector<std::shared_ptr<FutureState>>& all) {
  for (const auto& one : all) {
    if (&one->living_host() == &all.front()->living_host()) continue;
    throw std::logic_error("when_all() of futures of different sessions");
  }
}

template <typename Result, typename Parts>
Future<Result> join(FutureHost& host, Parts parts, std::vector<std::shared_ptr<FutureState>> all) {
  auto joined =
      std::make_shared<JoinedState<Result, Parts>>(host, std::move(parts), std::move(all));
  joined->begin();
  return Future<Result>(std::move(joined));
}

}  // namespace session_detail

// The results of all of them in one tuple, once all are ready; if any failed, the error of the
// first in this order. At least one; all of one session. Waits for nothing and runs nothing.
template <typename... Results>
Future<std::tuple<Results...>> when_all(Future<Results>... futures) {
  static_assert(sizeof...(Results) > 0, "when_all() of nothing");
  static_assert((!std::is_void_v<Results> && ...),
                "when_all() of futures without a result takes them as one std::vector");
  using session_detail::FutureAccess;
  FutureHost& host = FutureAccess::host(std::get<0>(std::tie(futures...)));
  std::vector<std::shared_ptr<FutureState>> all{AnyFuture(futures).state()...};
  session_detail::require_one_session(all);
  auto parts = [... states = FutureAccess::take_state(futures)] {
    return std::tuple<Results...>(states->take()...);
  };
  return session_detail::join<std::tuple<Results...>>(host, std::move(parts), std::move(all));
}

// The same for a vector of at least one: Future<std::vector<One>>, or Future<void>.
template <typename One>
auto when_all(std::vector<Future<One>> futures) {
  using session_detail::FutureAccess;
  if (futures.empty()) throw std::logic_error("when_all() of nothing");
  FutureHost& host = FutureAccess::host(futures.front());
  std::vector<std::shared_ptr<FutureState>> all;
  std::vector<std::shared_ptr<TypedState<One>>> states;
  for (auto& one : futures) {
    states.push_back(FutureAccess::take_state(one));
    all.push_back(states.back());
  }
  session_detail::require_one_session(all);
  if constexpr (std::is_void_v<One>) {
    return session_detail::join<void>(
        host, [] {}, std::move(all));
  } else {
    auto parts = [states = std::move(states)] {
      std::vector<One> results;
      results.reserve(states.size());
      for (const auto& one : states) results.push_back(one->take());
      return results;
    };
    return session_detail::join<std::vector<One>>(host, std::move(parts), std::move(all));
  }
}

template <typename Result>
bool Future<Result>::ready() const {
  if (state_ == nullptr || state_->is_ready()) return true;
  state_->host().look();
  return state_->is_ready();
}

template <typename Result>
Result Future<Result>::get() {
  if (!state().is_ready()) state_->host().wait(*state_, nullptr);
  return take_result();
}

template <typename Result>
Result Future<Result>::get(TaskContext& context) {
  if (!state().is_ready()) state_->host().wait(*state_, &context);
  return take_result();
}

template <typename Result>
Result Future<Result>::take_result() {
  const auto taken = std::exchange(state_, nullptr);
  taken->throw_if_failed();
  return taken->take();
}

template <typename Result>
bool Future<Result>::cancel() {
  if (state().is_ready()) return false;
  FutureHost& host = state_->host();
  if (!state_->cancel(host.rank())) return false;
  host.wake();
  return true;
}

template <typename Result>
template <typename Function>
auto Future<Result>::then(Function function, const LocalOptions& options) {
  FutureHost& host = state().living_host();
  std::shared_ptr<TypedState<Result>> before = std::exchange(state_, nullptr);
  std::vector<std::shared_ptr<FutureState>> after{before};
  if constexpr (std::is_void_v<Result>) {
    using Next = session_detail::ResultHere<Function>;
    auto produce = [function = std::move(function)](TaskContext& context) mutable -> Next {
      return session_detail::call_here(function, context);
    };
    return session_detail::run_after<Next>(host, std::move(produce), std::move(after), options);
  } else {
    using Next = session_detail::ResultHere<Function, Result>;
    auto produce = [function = std::move(function),
                    before = std::move(before)](TaskContext& context) mutable -> Next {
      return session_detail::call_here(function, context, before->take());
    };
    return session_detail::run_after<Next>(host, std::move(produce), std::move(after), options);
  }
}

}  // namespace weir
