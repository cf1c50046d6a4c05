// The way into a session from threads that do not own it: tasks and requests wait here until the
// control thread takes all of them at once.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/protocol/task.hpp"
#include "runtime/session/data.hpp"
#include "runtime/session/future_state.hpp"

namespace weir {

struct Submission {
  Task task;  // without an id, which the control thread gives
  RankId target = kNoRank;
  RankId prefer = kNoRank;
  std::vector<DataRef> reads;
  std::shared_ptr<FutureState> future;  // null: nobody asks for the result
};

// Tasks that somebody has promised to the control thread and that it has not taken over yet: what
// waits here, and what waits for others to be ready. An epoch does not end before them. A task
// promises before it ends, so that whoever counts its end counts the promise.
class Promises {
 public:
  void make() noexcept { made_.fetch_add(1, std::memory_order_acq_rel); }
  void keep() noexcept { kept_.fetch_add(1, std::memory_order_acq_rel); }
  // In this order: then kept is never ahead of made.
  std::uint64_t kept() const noexcept { return kept_.load(std::memory_order_acquire); }
  std::uint64_t made() const noexcept { return made_.load(std::memory_order_acquire); }
  std::uint64_t open() const noexcept {
    const std::uint64_t kept_so_far = kept();
    return made() - kept_so_far;
  }

 private:
  std::atomic<std::uint64_t> made_{0};
  std::atomic<std::uint64_t> kept_{0};
};

class Submissions {
 public:
  enum class Taken { kFirst, kAnother, kClosed };

  // Any thread. kFirst: the control thread may be asleep. kClosed: `submission` is as it was.
  Taken push(Submission& submission) {
    const std::lock_guard lock(mutex_);
    if (closed_) return Taken::kClosed;
    waiting_.push_back(std::move(submission));
    return has_some_.exchange(true, std::memory_order_release) ? Taken::kAnother : Taken::kFirst;
  }

  bool has_some() const noexcept { return has_some_.load(std::memory_order_acquire); }

  // For the control thread. Swaps `taken`, which must be empty, for all there is.
  void take(std::vector<Submission>& taken) {
    const std::lock_guard lock(mutex_);
    has_some_.store(false, std::memory_order_relaxed);
    std::swap(waiting_, taken);
  }
  // Takes nothing more from now on; gives what is left.
  std::vector<Submission> close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    return std::exchange(waiting_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Submission> waiting_;
  bool closed_ = false;
  std::atomic<bool> has_some_{false};
};

}  // namespace weir
