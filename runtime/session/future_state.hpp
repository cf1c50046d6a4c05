// What a future and whoever completes it share: whether the result is there, the result or the
// error, and what is to happen as soon as it is there.
//
// The session and any number of holders own it together (decisions/011-futures.md). It is settled
// once, by whichever thread comes first: the control thread that heard of the task's end, the
// worker that ran a function of this rank, a thread that cancelled it, or the end of the session.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/exception_text.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/session/arguments.hpp"

namespace weir {

// The task threw, or its arguments or its result could not be serialized, on every attempt. what()
// is "TYPE: TEXT (rank N)", with the rank of the last attempt; TEXT may have several lines. A task
// that does not catch what get() throws in it fails with the same text, N included, so that it says
// what went wrong at first, and where; rank() says where the task itself failed. A TEXT that ends
// in "(rank N)" of its own accord is taken for one that was passed on.
class TaskError : public std::runtime_error, public ErrorOfAnother {
 public:
  TaskError(const std::string& text, RankId rank) : std::runtime_error(text), rank_(rank) {}
  RankId rank() const { return rank_; }

 private:
  RankId rank_;
};

// The task was cancelled before it started, or one that it was to follow was.
class TaskCancelled : public TaskError {
 public:
  using TaskError::TaskError;
};

class FutureHost;
class FutureState;
class TaskContext;

// What happens as soon as a result is there: run() is called once, by the thread that settled it,
// also when it was there before; after those that the same thread has begun to run, so that a chain
// of any length needs no deep stack. It must be short, and `this` may be gone when it returns.
class Continuation {
 public:
  virtual ~Continuation() = default;
  virtual void run() noexcept = 0;

 private:
  friend class FutureState;
  Continuation* next_ = nullptr;
};

class FutureState : public StartGate {
 public:
  enum class Status : std::uint8_t { kDone, kFailed, kCancelled, kAbandoned };

  // `host` is not used any more once this is settled, but by living_host(): the session settles
  // what it leaves behind.
  FutureState(FutureHost& host, KindId kind);
  virtual ~FutureState() = default;
  FutureState(const FutureState&) = delete;
  FutureState& operator=(const FutureState&) = delete;

  // Any thread; what the thread that settled it did before is seen by who finds it ready.
  bool is_ready() const { return continuations_.load(std::memory_order_acquire) == ready_mark(); }

  // These are for what is ready.
  Status status() const { return status_; }
  RankId node() const { return node_; }  // where it ended
  // The result as bytes, or the text of the error.
  Bytes& bytes() { return bytes_; }
  // Throws what stands in the way of a result, if something does.
  void throw_if_failed() const;

  // False, and nothing happens, when it was settled before. Any thread.
  bool settle(Status status, RankId node, Bytes bytes);
  bool settle_failed(std::string_view text, RankId node);
  // With the error of another, which is ready and has one.
  bool settle_like(const FutureState& other);

  // Any thread. Runs at once where the result is there.
  void on_ready(Continuation& continuation);

  // True while nobody has begun on the task: from then on nobody may cancel it; and false when it
  // was cancelled. True again for further attempts.
  bool try_start() final;
  // True when it had not started: it never will, and is settled as cancelled.
  bool cancel(RankId here);

  // Until it is settled.
  FutureHost& host() const { return *host_; }
  // At any time; throws std::logic_error where the session has ended.
  FutureHost& living_host() const;
  KindId kind() const { return kind_; }
  // Zero before the task has one.
  TaskId task() const { return TaskId(task_.load(std::memory_order_relaxed)); }
  void set_task(TaskId task) { task_.store(task.value(), std::memory_order_relaxed); }
  // Whether it is settled only after that task, as far as it knows.
  bool needs(TaskId task) const;
  // What it is settled after, where it knows.
  virtual std::span<const std::shared_ptr<FutureState>> parts() const { return {}; }

 private:
  enum class Start : std::uint8_t { kOpen, kStarted, kCancelled };
  struct Due;
  static Due& due();

  // In place of the first continuation.
  Continuation* ready_mark() const {
    return reinterpret_cast<Continuation*>(const_cast<FutureState*>(this));
  }

  FutureHost* host_;
  std::uint32_t host_number_;
  KindId kind_;
  std::atomic<std::uint64_t> task_{0};
  std::atomic<Start> start_{Start::kOpen};
  std::atomic<bool> settling_{false};
  // The newest first; none are added once the result is there.
  std::atomic<Continuation*> continuations_{nullptr};
  Status status_ = Status::kAbandoned;
  RankId node_ = kNoRank;
  Bytes bytes_;
};

// Drops them one after the other: they may own others, and so on, and a long chain is to need no
// deep stack.
void let_go(std::vector<std::shared_ptr<FutureState>> states) noexcept;

// A state whose result has a type.
template <typename Result>
class TypedState : public FutureState {
 public:
  using FutureState::FutureState;
  // The result, once. Throws what decoding it throws.
  virtual Result take() = 0;
};

// Of a task that may run anywhere: its result comes as bytes.
template <typename Result>
class BytesState final : public TypedState<Result> {
 public:
  using TypedState<Result>::TypedState;
  Result take() override {
    if constexpr (std::is_same_v<Result, Bytes>) {
      return std::move(this->bytes());
    } else if constexpr (!std::is_void_v<Result>) {
      return from_bytes<Result>(this->bytes());
    }
  }
};

// Of a function that runs on this rank: its result stays an object.
template <typename Result>
class ValueState final : public TypedState<Result> {
 public:
  using TypedState<Result>::TypedState;
  void put(Result result) { value_.emplace(std::move(result)); }
  Result take() override { return *std::exchange(value_, std::nullopt); }

 private:
  std::optional<Result> value_;
};

template <>
class ValueState<void> final : public TypedState<void> {
 public:
  using TypedState<void>::TypedState;
  void take() override {}
};

// A function that runs once, on a worker of this rank, and settles its future itself.
class LocalCall : public PayloadObject {
 public:
  // Never: it does not leave the rank.
  Bytes serialize() const final;
  virtual void run(TaskContext& context) const noexcept = 0;
};

// The kind of all of them, in every session's table.
inline constexpr KindId kLocalCallKind{0};
// Of data on their way here, which no task brings.
inline constexpr KindId kDataKind{0xFFFF};

struct LocalOptions {
  ClassId task_class{0};
  std::uint8_t priority = 0;
  std::optional<int> memory_domain = {};  // as SubmitOptions::memory_domain
};

// What futures ask of their session.
class FutureHost {
 public:
  FutureHost();
  virtual ~FutureHost();
  FutureHost(const FutureHost&) = delete;
  FutureHost& operator=(const FutureHost&) = delete;
  // No two of a process have the same.
  std::uint32_t number() const { return number_; }

  // Until `state` is ready. `context`: of the task that waits; null: whatever this thread runs.
  // Throws std::logic_error where that cannot be waited for.
  virtual void wait(FutureState& state, TaskContext* context) = 0;
  // Moves the session on, where that is this thread's part.
  virtual void look() = 0;
  // Whoever waits on the control thread looks again.
  virtual void wake() noexcept = 0;
  // Runs `call`, which settles `future`, once all of `after` are ready; settles it like the first
  // of them that failed where one did. Any thread.
  virtual void run_local(std::shared_ptr<LocalCall> call, std::shared_ptr<FutureState> future,
                         std::vector<std::shared_ptr<FutureState>> after,
                         const LocalOptions& options) = 0;
  virtual void count_failed() noexcept = 0;
  virtual RankId rank() const = 0;

 private:
  std::uint32_t number_;
};

}  // namespace weir
