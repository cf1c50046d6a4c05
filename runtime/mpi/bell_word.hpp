// What a rank tells the others on its host about its sleep: one word in memory that they share. A
// rank that sleeps says so, looks for messages once more, and only then lets the kernel put it to
// sleep; a sender first sends and then reads the word. So either the one sees the message or the
// other sees the sleep, and a rank that is awake costs its senders no system call.

#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/base/time.hpp"

namespace weir {

enum class SleepState : std::uint32_t {
  kAwake,
  kAsleep,  // or about to be
  kRung,    // by another rank since it said kAsleep
  kWoken,   // by a thread of its own, any time
};

// How long what was sent may lie there: a peer that wakes by itself within that time is not rung.
struct RingPatience {
  Duration usual{0};
  // Of a peer that said it is supplied: work that comes could not begin yet. The longer one counts.
  Duration of_supplied{0};
};

// Lock-free, and used across processes.
class alignas(64) BellWord {
 public:
  // Of the owner. False, and nothing has changed, when somebody has rung or woken it since the last
  // answer(). `until`: when it will wake by itself, in nanoseconds of the host's steady clock.
  // `supplied`: see RingPatience.
  bool announce_sleep(std::int64_t until, bool supplied = false) noexcept;
  // Sleeps in the kernel until somebody rings or wakes, at most `longest`; may end early. False
  // when the time has passed. Only after an announcement.
  bool sleep(Duration longest) noexcept;
  // Awake again; what had rung or woken it is forgotten, and returned.
  SleepState answer() noexcept { return state_.exchange(SleepState::kAwake); }
  // The announcement is taken back; a ring or wake that has come meanwhile stays.
  void cancel_sleep() noexcept;
  bool called() const noexcept { return state_.load() >= SleepState::kRung; }

  // Of the others, after they have sent. True when the owner sleeps past `now` and the patience,
  // and the caller is the first to ring: it must then end the sleep, or tell the owner by other
  // means.
  bool ring(std::int64_t now, RingPatience patience) noexcept;
  // Of the owner's threads and signal handlers: true when the owner may sleep, and the caller must
  // end that. Also after a ring, because the rank that rang may itself be stopped before it does.
  bool wake() noexcept {
    const SleepState before = state_.exchange(SleepState::kWoken);
    return before == SleepState::kAsleep || before == SleepState::kRung;
  }
  // The same for what the owner may leave until `by`, in nanoseconds of the host's steady clock:
  // false also when it sleeps and wakes by itself in time. What the caller did before is seen by
  // the owner when it wakes.
  bool wake_by(std::int64_t by) noexcept;
  // Ends sleep() of the owner. Any process, any thread, signal handlers.
  void end_sleep() noexcept;

 private:
  std::atomic<SleepState> state_{SleepState::kAwake};
  // Written before the state says kAsleep.
  std::atomic<std::int64_t> until_{0};
  std::atomic<bool> supplied_{false};
};

}  // namespace weir
