#include "runtime/mpi/mpi_loop.hpp"

#include <sched.h>

#include <algorithm>
#include <utility>

namespace weir {
namespace {

using namespace std::chrono_literals;

// The first probe often only drives MPI's progress, and the next one finds what that brought.
constexpr int kProbes = 2;
// After so many messages timers get their turn.
constexpr int kMessagesPerRound = 256;
// Slower than memory and any network worth the name: what takes longer than its bytes at this rate
// waits for somebody, and then so can we.
constexpr double kSlowestBytesPerSecond = 1e9;
constexpr Duration kLongestTransferPoll = 20ms;
constexpr Duration kShortestStep = 20us;
constexpr Duration kLongestStep = 5ms;
// A bell between hosts can overtake its message by a moment: so many looks, each four times later.
constexpr int kLooksAfterBell = 4;
constexpr int kLooksAfterForgetting = 2;
constexpr Duration kFirstLook = 20us;
// Spinning in vain may take 1/400 of the time, saved up for ten spins at most.
constexpr int kSpinShare = 400;
constexpr int kSpinsSaved = 10;

}  // namespace

MpiLoop::MpiLoop(MpiTransport& transport, Doorbell& doorbell, const Clock& clock, Reactor& reactor,
                 MpiLoopOptions options)
    : transport_(transport),
      doorbell_(doorbell),
      clock_(clock),
      reactor_(reactor),
      options_(options),
      spin_budget_(options.longest_spin * kSpinsSaved),
      safety_wait_(options.first_safety_wait) {}

void MpiLoop::run() {
  for (;;) {
    const bool received = step();
    if (reactor_.finished()) return;
    // Where one message was there are often more: looking costs less than preparing to wait.
    if (!received) wait(options_.longest_safety_wait);
  }
}

void MpiLoop::act() {
  reactor_.on_wakeup(clock_.now());
  transport_.flush();
}

bool MpiLoop::step() {
  ++counts_.rounds;
  doorbell_.answer();  // by this round
  int taken = 0;
  while (taken < kMessagesPerRound) {
    auto envelope = transport_.try_receive();
    if (!envelope) break;
    reactor_.on_message(std::move(*envelope), clock_.now());
    ++taken;
  }
  act();
  if (taken == 0) return false;

  counts_.messages += static_cast<std::uint64_t>(taken);
  last_message_ = clock_.now();
  unslept_messages_ = true;
  looks_after_bell_ = 0;
  safety_wait_ = options_.first_safety_wait;
  return true;
}

void MpiLoop::wait(Duration longest) {
  const Instant now = clock_.now();
  const Instant due = reactor_.next_wakeup();
  if (due <= now || transport_.has_message()) return;
  const Instant end = std::min(due, now + std::max(longest, Duration::zero()));

  if (transport_.under_way() && poll_transfer(now)) return;
  if (options_.longest_spin > Duration::zero() && spin(now, end)) return;
  forget_answered_bells();
  const Instant began = clock_.now();
  if (began >= end) return;
  const Duration limit = std::min(end - began, sleep_limit(began));
  if (!doorbell_.announce_sleep(limit, reactor_.is_supplied())) return;
  if (look()) {
    doorbell_.cancel_sleep();
    return;
  }
  note_sleep(doorbell_.sleep());
}

bool MpiLoop::look() {
  for (int i = 0; i < kProbes && !transport_.has_message(); ++i) transport_.poll();
  return transport_.has_message();
}

// Messages from other hosts that were found by looking have bells that still ring: they would wake
// a loop that finds nothing, and then looks again and again for a message it thinks late. One of
// them may belong to a message that is late indeed: the first sleeps are short.
void MpiLoop::forget_answered_bells() {
  if (std::exchange(unslept_messages_, false) && doorbell_.hush())
    looks_after_bell_ = kLooksAfterForgetting;
}

// Looks on for a moment before sleeping; true when there is something to do. Looking that finds
// something has cost nothing that sleeping would have saved; looking in vain is paid from a budget
// that grows by a small share of the time, so that an idle rank sleeps and a busy exchange never
// does.
bool MpiLoop::spin(Instant now, Instant end) {
  spin_budget_ = std::min(options_.longest_spin * kSpinsSaved,
                          spin_budget_ + (now - spin_budget_as_of_) / kSpinShare);
  spin_budget_as_of_ = now;
  if (spin_budget_ < options_.longest_spin) return false;
  if (reactor_.is_supplied()) return false;  // A worker needs the core.
  const Instant going = reactor_.last_set_going();
  const Instant until = std::min(end, std::min(now, going) + options_.longest_spin);
  if (until <= now) return false;
  do {
    transport_.poll();
    if (transport_.has_message() || doorbell_.called()) {
      ++counts_.spins_won;
      return true;
    }
    ::sched_yield();  // What we wait for may need this very core.
  } while (clock_.now() < until);
  ++counts_.spins_lost;
  spin_budget_ -= until - now;
  return false;
}

// True while what is under way deserves to be polled without sleeping.
bool MpiLoop::poll_transfer(Instant now) {
  if (transport_.activity() != activity_) last_progress_ = now;
  activity_ = transport_.activity();
  const Duration expected =
      from_seconds(static_cast<double>(transport_.bytes_under_way()) / kSlowestBytesPerSecond);
  const Instant until = last_progress_ + std::min(expected, kLongestTransferPoll);
  while (clock_.now() < until) {
    if (transport_.poll() || doorbell_.called()) return true;
    ::sched_yield();
  }
  return false;
}

Duration MpiLoop::sleep_limit(Instant now) {
  if (transport_.under_way())
    return std::clamp<Duration>((now - last_progress_) / 4, kShortestStep, kLongestStep);
  if (looks_after_bell_ > 0) {
    const int looks_done = kLooksAfterBell - looks_after_bell_--;
    return kFirstLook * (1 << (2 * looks_done));
  }
  if (doorbell_.heard_from_all()) return safety_wait_;
  return std::clamp<Duration>((now - last_message_) / 4, kShortestStep,
                              options_.longest_wait_without_bell);
}

void MpiLoop::note_sleep(WakeCause cause) {
  if (cause == WakeCause::kTimeout) {
    if (!transport_.under_way() && looks_after_bell_ == 0)
      safety_wait_ = std::min(safety_wait_ * 2, options_.longest_safety_wait);
    return;
  }
  if (cause == WakeCause::kWake) return;
  looks_after_bell_ = doorbell_.may_overtake() ? kLooksAfterBell : 0;
  look();
}

}  // namespace weir
