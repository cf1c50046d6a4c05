// Wakes a rank that sleeps. Open MPI can only be asked whether a message has come, so an idle rank
// would have to ask all the time; instead the sender of a message also rings, with an empty
// datagram: Unix sockets on one host, UDP between hosts. A ring says "look again" and nothing else,
// so lost, late and foreign rings do no harm. Which pairs can ring each other is found out by a
// handshake at the start.

#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/mpi/mpi_context.hpp"

namespace weir {

struct DoorbellOptions {
  bool refuse_bells = false;  // this rank neither rings nor hears: pairs with it sleep instead
};

enum class WakeCause { kTimeout, kBell, kWake };

struct DoorbellCounts {
  std::uint64_t waits = 0;
  std::uint64_t bells = 0;  // waits ended by another rank
  std::uint64_t wakes = 0;  // waits ended by wake()
};

// Used from the control thread, but for wake().
class Doorbell {
 public:
  // Agrees with all ranks on who can ring whom; takes some ms, at most about a second when
  // datagrams are lost. Collective.
  Doorbell(MpiContext& context, DoorbellOptions options);
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // Never blocks; costs a system call. Does nothing for a peer that hears no bell.
  void ring(RankId peer);

  // False when some rank cannot ring this one, which then has to look by itself.
  bool heard_from_all() const { return heard_from_all_; }

  // Ends the current wait, or the next one. Any thread, and signal handlers. Costs a few
  // nanoseconds unless the control thread sleeps.
  void wake() noexcept;
  // Whether wake() was called since the last wait() or take_wake().
  bool wake_pending() const noexcept { return state_.load() == State::kWoken; }
  // The same, and answers it: a wake() from now on counts anew.
  bool take_wake() noexcept {
    State woken = State::kWoken;
    return state_.compare_exchange_strong(woken, State::kAwake);
  }

  // Forgets the rings so far; true if there were any. A system call or two.
  bool hush() const;

  // Sleeps until a ring, wake(), or the end of `longest`, to about 10 us.
  WakeCause wait(Duration longest);

  const DoorbellCounts& counts() const { return counts_; }

 private:
  enum class State : int { kAwake, kAsleep, kWoken };
  struct Address {
    Bytes bytes;  // a sockaddr; empty: none
    bool udp = false;
  };

  void open_unix_socket();
  void open_udp_socket(std::uint32_t own_address);
  void learn_addresses(MpiContext& context);
  void learn_names(MpiContext& context);
  bool handshake_round(MpiContext& context);
  bool send_to(const Address& peer, std::span<const std::byte> content) const;
  void note_hellos();
  struct Readable {
    bool socket = false;
    bool event = false;
  };
  Readable sleep_until_readable(Duration longest) const;

  int unix_socket_ = -1;
  int udp_socket_ = -1;
  int event_ = -1;
  std::vector<Address> peers_;       // by rank
  std::vector<bool> hears_me_;       // by rank
  std::vector<std::uint8_t> heard_;  // by rank, during the handshake
  bool heard_from_all_ = true;
  std::atomic<State> state_{State::kAwake};
  DoorbellCounts counts_;
};

}  // namespace weir
