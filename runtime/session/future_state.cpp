#include "runtime/session/future_state.hpp"

#include <algorithm>
#include <mutex>
#include <span>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Which sessions there are: a future that is ready may have outlived its own, and has nothing else
// to ask. Looked at only where something is to follow a future that is ready.
struct LivingHosts {
  std::mutex mutex;
  std::uint32_t last_number = 0;
  std::vector<std::uint32_t> numbers;
};
LivingHosts& living_hosts() {
  static LivingHosts hosts;
  return hosts;
}

// An error that a task did not catch when it waited for another one says already where it began.
bool names_its_rank(std::string_view text) {
  if (text.empty() || text.back() != ')') return false;
  text.remove_suffix(1);
  const std::size_t number = text.find_last_not_of("0123456789") + 1;
  return number < text.size() && text.substr(0, number).ends_with(" (rank ");
}

thread_local std::vector<std::shared_ptr<FutureState>>* being_let_go = nullptr;

}  // namespace

// What this thread is to run: a list, to which what runs may add.
struct FutureState::Due {
  Continuation* first = nullptr;
  Continuation* last = nullptr;
  bool is_running = false;

  // In order.
  void append(Continuation& from, Continuation& to) {
    (first == nullptr ? first : last->next_) = &from;
    last = &to;
    to.next_ = nullptr;
  }
  void run() {
    if (is_running) return;  // further down this stack
    is_running = true;
    while (first != nullptr) {
      Continuation& one = *first;
      first = one.next_;
      one.run();
    }
    is_running = false;
  }
};

FutureState::Due& FutureState::due() {
  static thread_local constinit Due due;
  return due;
}

FutureHost::FutureHost() {
  LivingHosts& hosts = living_hosts();
  const std::lock_guard lock(hosts.mutex);
  number_ = ++hosts.last_number;
  hosts.numbers.push_back(number_);
}

FutureHost::~FutureHost() {
  LivingHosts& hosts = living_hosts();
  const std::lock_guard lock(hosts.mutex);
  std::erase(hosts.numbers, number_);
}

FutureState::FutureState(FutureHost& host, KindId kind)
    : host_(&host), host_number_(host.number()), kind_(kind) {}

FutureHost& FutureState::living_host() const {
  if (!is_ready()) return *host_;
  LivingHosts& hosts = living_hosts();
  const std::lock_guard lock(hosts.mutex);
  if (std::ranges::find(hosts.numbers, host_number_) != hosts.numbers.end()) return *host_;
  throw std::logic_error(
      "the session of this future has ended: only ready() and get() are left of it");
}

bool FutureState::needs(TaskId task) const {
  if (this->task() == task) return true;
  if (parts().empty()) return false;
  std::vector<const FutureState*> to_ask{this};
  while (!to_ask.empty()) {
    const FutureState& one = *to_ask.back();
    to_ask.pop_back();
    if (one.task() == task) return true;
    for (const auto& part : one.parts()) to_ask.push_back(part.get());
  }
  return false;
}

void let_go(std::vector<std::shared_ptr<FutureState>> states) noexcept {
  if (being_let_go != nullptr) {
    try {
      being_let_go->insert(being_let_go->end(), std::make_move_iterator(states.begin()),
                           std::make_move_iterator(states.end()));
    } catch (const std::bad_alloc&) {
      // Then on this stack after all.
    }
    return;
  }
  being_let_go = &states;
  while (!states.empty()) {
    const std::shared_ptr<FutureState> last = std::move(states.back());
    states.pop_back();
  }
  being_let_go = nullptr;
}

void FutureState::throw_if_failed() const {
  switch (status_) {
    case Status::kDone:
      return;
    case Status::kFailed: {
      std::string text = text_of(bytes_);
      if (!names_its_rank(text)) text += " (rank " + std::to_string(node_.value()) + ")";
      throw TaskError(text, node_);
    }
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
  if (newest == nullptr) return true;
  // They run in the order they came.
  Continuation& last = *newest;
  Continuation* first = nullptr;
  while (newest != nullptr) {
    Continuation* older = newest->next_;
    newest->next_ = first;
    first = std::exchange(newest, older);
  }
  due().append(*first, last);
  due().run();
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
      continuation.run();
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
