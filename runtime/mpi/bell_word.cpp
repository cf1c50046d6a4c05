#include "runtime/mpi/bell_word.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace weir {
namespace {

static_assert(std::atomic<SleepState>::is_always_lock_free);
static_assert(sizeof(std::atomic<SleepState>) == sizeof(std::uint32_t), "a futex is 32 bits");

}  // namespace

bool BellWord::announce_sleep(std::int64_t until, bool supplied) noexcept {
  until_.store(until, std::memory_order_relaxed);
  supplied_.store(supplied, std::memory_order_relaxed);
  SleepState awake = SleepState::kAwake;
  if (!state_.compare_exchange_strong(awake, SleepState::kAsleep)) return false;
  // Before the owner looks for messages again; the fence in ring() is its other half.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return true;
}

bool BellWord::sleep(Duration longest) noexcept {
  if (longest <= Duration::zero()) return false;
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(longest);
  const timespec limit{static_cast<time_t>(whole.count()),
                       static_cast<long>((longest - whole).count())};
  return ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&state_), FUTEX_WAIT,
                   static_cast<std::uint32_t>(SleepState::kAsleep), &limit, nullptr, 0) == 0 ||
         errno != ETIMEDOUT;
}

void BellWord::cancel_sleep() noexcept {
  SleepState asleep = SleepState::kAsleep;
  state_.compare_exchange_strong(asleep, SleepState::kAwake);
}

bool BellWord::ring(std::int64_t now, RingPatience patience) noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (state_.load() != SleepState::kAsleep) return false;
  const bool supplied = supplied_.load(std::memory_order_relaxed);
  const Duration its = std::max(patience.usual, supplied ? patience.of_supplied : Duration(0));
  if (until_.load(std::memory_order_relaxed) - now <= its.count()) return false;
  SleepState asleep = SleepState::kAsleep;
  return state_.compare_exchange_strong(asleep, SleepState::kRung);
}

bool BellWord::wake_by(std::int64_t by) noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const SleepState state = state_.load();
  if (state == SleepState::kWoken) return false;
  if (state == SleepState::kAsleep && until_.load(std::memory_order_relaxed) <= by) return false;
  return wake();
}

void BellWord::end_sleep() noexcept {
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&state_), FUTEX_WAKE, 1, nullptr, nullptr,
            0);
}

}  // namespace weir
