// Wakes a rank that sleeps. Open MPI can only be asked whether a message has come, so an idle rank
// would have to ask all the time; instead the sender of a message also rings. On one host it reads
// in shared memory whether the receiver sleeps at all (bell_word.hpp) and ends the sleep directly;
// between hosts it sends a datagram (network_bell.hpp).

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/mpi/bell_word.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "runtime/mpi/network_bell.hpp"

namespace weir {

struct DoorbellOptions {
  bool refuse_bells = false;  // this rank neither rings nor hears: pairs with it sleep instead
  // A peer on this host that wakes by itself within this time is not rung.
  Duration patience{0};
  // For receivers that have a processor of their own to wake up on while the message is made.
  bool ring_ahead = false;
};

enum class WakeCause { kTimeout, kBell, kWake };

struct DoorbellCounts {
  std::uint64_t sleeps = 0;
  std::uint64_t rings = 0;  // of others that slept or are on other hosts
  std::uint64_t bells = 0;  // sleeps ended by another rank
  std::uint64_t wakes = 0;  // sleeps ended by wake()
};

// Used from the control thread, but for wake().
class Doorbell {
 public:
  // `context` outlives it and has no second doorbell meanwhile. Agrees with all ranks on who can
  // ring whom; over several hosts that takes some ms. Collective.
  Doorbell(MpiContext& context, DoorbellOptions options);
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // After sending. Never blocks; costs a system call if the peer sleeps or is on another host.
  // Does nothing for a peer that hears no bell, nor for one on this host that wakes by itself
  // within `patience`, or DoorbellOptions::patience where that is longer.
  void ring(RankId peer, RingPatience patience = {});

  // Before sending: a peer on this host that sleeps wakes up meanwhile. Finding nothing, it may
  // sleep again: ring() comes after sending all the same.
  void ring_ahead(RankId peer, RingPatience patience = {});

  // Whether a ring may come before its message.
  bool may_overtake() const { return network_.has_value(); }

  // False when some rank cannot ring this one, which then has to look by itself.
  bool heard_from_all() const { return heard_from_all_; }

  // Ends the current sleep, or prevents the next one. Any thread, and signal handlers. Costs a few
  // nanoseconds unless the control thread sleeps.
  void wake() noexcept;

  // The same for something that may be left for so long: a control thread that sleeps and wakes by
  // itself in time is left asleep. Any thread, not signal handlers. Reads the clock.
  void wake_within(Duration patience) noexcept;

  // Whether somebody rang or woke this rank since the last answer() or sleep(). Rings from other
  // hosts are only noticed by sleep() and hush().
  bool called() const noexcept { return own_->called(); }
  void answer() noexcept { own_->answer(); }

  // A sleep is announced, then messages are looked for once more, and then it is slept or
  // cancelled: a message that comes in between is never missed. False: called() already, and
  // nothing is announced. `supplied`: whether work that comes may wait for so long.
  bool announce_sleep(Duration longest, bool supplied = false) noexcept;
  void cancel_sleep() noexcept { own_->cancel_sleep(); }
  // Until a ring, wake(), or the end of the time announced, to about 10 us.
  WakeCause sleep();

  // Forgets the rings of other hosts so far; true if there were any.
  bool hush() const { return network_ && network_->hush(); }

  const DoorbellCounts& counts() const { return counts_; }

 private:
  void end_own_sleep() noexcept;
  void learn_who_listens(MpiContext& context, bool refuse);
  WakeCause sleep_on_socket();

  BellWord private_word_;  // where MPI shares no memory
  BellWord* own_ = nullptr;
  std::vector<BellWord*> words_;  // by rank; null: not on this host, or one side refuses
  std::optional<NetworkBell> network_;
  int event_ = -1;  // with a socket, only this ends the sleep from inside
  bool heard_from_all_ = true;
  Duration patience_;
  bool ring_ahead_;
  Duration announced_{0};
  DoorbellCounts counts_;
};

}  // namespace weir
