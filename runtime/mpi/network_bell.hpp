// The bell between hosts: an empty UDP datagram. A ring says "look again" and nothing else, so
// lost, late and foreign rings do no harm. Which pairs can ring each other is found out by a
// handshake at the start; ranks of one host take part too, because a rank that listens to its
// socket can only be reached there.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/mpi/mpi_context.hpp"

namespace weir {

class NetworkBell {
 public:
  // Takes some ms, at most about a second when datagrams are lost. `refuse`: this rank neither
  // rings nor hears. Collective.
  NetworkBell(MpiContext& context, bool refuse);
  ~NetworkBell();
  NetworkBell(const NetworkBell&) = delete;
  NetworkBell& operator=(const NetworkBell&) = delete;

  // False when some rank cannot ring this one.
  bool heard_from_all() const { return heard_from_all_; }

  // Never blocks; costs a system call. False, and nothing done, for a peer that does not hear this
  // rank.
  bool ring(RankId peer) const;

  // Becomes readable when somebody rings. -1: this rank has none.
  int descriptor() const { return socket_; }
  // Forgets the rings so far; true if there were any. A system call or two.
  bool hush() const;

 private:
  void open_socket(std::uint32_t own_address);
  bool handshake_round(MpiContext& context);
  bool send_to(std::size_t peer, std::span<const std::byte> content) const;
  void note_hellos();

  int socket_ = -1;
  std::vector<Bytes> names_;         // by rank: a sockaddr, or empty
  std::vector<bool> hears_me_;       // by rank
  std::vector<std::uint8_t> heard_;  // by rank, during the handshake
  bool heard_from_all_ = true;
};

}  // namespace weir
