#include "runtime/session/future_state.hpp"

#include <span>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void FutureState::throw_if_failed() const {
  switch (status_) {
    case Status::kDone:
      return;
    case Status::kFailed:
      throw TaskError(text_of(bytes_) + " (rank " + std::to_string(node_.value()) + ")", node_);
    case Status::kCancelled:
      throw TaskCancelled("the task was cancelled (rank " + std::to_string(node_.value()) + ")",
                          node_);
    case Status::kAbandoned:
      throw std::logic_error(
          "the session ended before this task was complete: call wait_all() or get() first");
  }
}

bool FutureState::settle(Status status, RankId node, Bytes bytes) {
  if (settling_.exchange(true, std::memory_order_acq_rel)) return false;
  status_ = status;
  node_ = node;
  bytes_ = std::move(bytes);
  Continuation* newest = continuations_.exchange(ready_mark(), std::memory_order_acq_rel);
  // They run in the order they came.
  Continuation* first = nullptr;
  while (newest != nullptr) {
    Continuation* older = newest->next_;
    newest->next_ = first;
    first = std::exchange(newest, older);
  }
  while (first != nullptr) {
    Continuation& one = *first;
    first = one.next_;
    one.run(*this);
  }
  return true;
}

bool FutureState::settle_failed(std::string_view text, RankId node) {
  const auto bytes = std::as_bytes(std::span(text));
  return settle(Status::kFailed, node, Bytes(bytes.begin(), bytes.end()));
}

bool FutureState::settle_like(const FutureState& other) {
  return settle(other.status_, other.node_, other.bytes_);
}

void FutureState::on_ready(Continuation& continuation) {
  Continuation* newest = continuations_.load(std::memory_order_acquire);
  do {
    if (newest == ready_mark()) {
      continuation.run(*this);
      return;
    }
    continuation.next_ = newest;
  } while (!continuations_.compare_exchange_weak(newest, &continuation, std::memory_order_acq_rel,
                                                 std::memory_order_acquire));
}

bool FutureState::try_start() {
  Start before = Start::kOpen;
  if (start_.compare_exchange_strong(before, Start::kStarted, std::memory_order_acq_rel)) {
    return true;
  }
  return before == Start::kStarted;
}

bool FutureState::cancel(RankId here) {
  Start before = Start::kOpen;
  if (!start_.compare_exchange_strong(before, Start::kCancelled, std::memory_order_acq_rel)) {
    return false;
  }
  return settle(Status::kCancelled, here, {});
}

Bytes LocalCall::serialize() const {
  WEIR_CHECK(false, "a function of this rank was to leave it");
  return {};
}

}  // namespace weir
