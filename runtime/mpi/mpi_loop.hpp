// Drives the control code of one rank: messages, timers and bells in; messages out; asleep when
// there is nothing to do.
//
// How it waits. It spins for a moment where an answer may come soon, as long as the budget for
// spinning in vain lasts. Then it
// announces its sleep, looks once more, and sleeps until its bell rings, a worker or another thread
// calls wake(), or the reactor's next wake-up; a safety time-out covers bells that got lost. MPI's
// own traffic rings no bell: while any of ours is under way it polls for as long as the bytes
// should take, then sleeps in short steps that grow with the time waited.

#pragma once

#include <cstdint>

#include "runtime/environment/clock.hpp"
#include "runtime/environment/reactor.hpp"
#include "runtime/mpi/doorbell.hpp"
#include "runtime/mpi/mpi_transport.hpp"

namespace weir {

struct MpiLoopOptions {
  // A task there and its result back take about this long when every thread on the way has to be
  // woken. Zero: never spins.
  Duration longest_spin = std::chrono::microseconds(200);
  // The safety time-out: the first after traffic, doubled with every one that passes in vain.
  Duration first_safety_wait = std::chrono::milliseconds(10);
  Duration longest_safety_wait = std::chrono::milliseconds(250);
  // The longest sleep where some rank cannot ring this one.
  Duration longest_wait_without_bell = std::chrono::milliseconds(2);
};

struct MpiLoopCounts {
  std::uint64_t rounds = 0;
  std::uint64_t messages = 0;
  std::uint64_t spins_won = 0;   // ended by a message or a wake
  std::uint64_t spins_lost = 0;  // slept after all
};

class MpiLoop {
 public:
  // All are the caller's and outlive the loop.
  MpiLoop(MpiTransport& transport, Doorbell& doorbell, const Clock& clock, Reactor& reactor,
          MpiLoopOptions options = {});

  // Until the reactor is finished.
  void run();

  // One round without waiting, for an application that drives weir from its own MPI thread; true
  // when a message came.
  bool step();

  // The half of a round that needs no message: timers and what they send. It costs less than a
  // whole one, and what was just submitted leaves sooner.
  void act();

  // Waits for something to do, at most `longest` and never past the reactor's next wake-up.
  void wait(Duration longest);

  const MpiLoopCounts& counts() const { return counts_; }

 private:
  bool look();
  void forget_answered_bells();
  bool spin(Instant now, Instant end);
  bool poll_transfer(Instant now);
  Duration sleep_limit(Instant now);
  void note_sleep(WakeCause cause);

  MpiTransport& transport_;
  Doorbell& doorbell_;
  const Clock& clock_;
  Reactor& reactor_;
  MpiLoopOptions options_;
  MpiLoopCounts counts_;
  Duration spin_budget_;
  Instant spin_budget_as_of_{};
  Duration safety_wait_;
  Instant last_message_{};
  bool unslept_messages_ = false;  // some were taken since the last sleep
  int looks_after_bell_ = 0;       // short sleeps left after a bell without a message
  std::uint64_t activity_ = 0;     // of the transport, when last looked at
  Instant last_progress_{};        // of what is under way
};

}  // namespace weir
