// The seam to the other ranks.

#pragma once

#include <cstdint>
#include <optional>

#include "runtime/base/ids.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct TransportCounts {
  std::uint64_t messages_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t bytes_received = 0;
};

// Messages between two ranks arrive in the order sent; across ranks there is no order. Used from
// the control thread only.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual RankId rank() const = 0;
  virtual int rank_count() const = 0;

  // Never blocks and never refuses: the message is taken over and sent as soon as the network lets
  // it. Senders bound what they have under way by credit. `to` may be this rank.
  virtual void send(RankId to, Message message) = 0;

  // A message to that rank will follow before long: if it sleeps, it may wake up meanwhile.
  virtual void announce(RankId /*to*/) {}

  // The oldest message not yet taken, or nothing. Never blocks.
  virtual std::optional<Envelope> try_receive() = 0;

  // What waits for that rank is dropped, and so is what is sent to it from now on, but for an
  // Exclusion: it may live after all, and has to know.
  virtual void close(RankId /*to*/) {}
  // What messages say of whom this rank knows to be out, from now on: see Envelope.
  virtual void set_membership(std::uint32_t /*tag*/) {}

  virtual TransportCounts counts() const = 0;
};

}  // namespace weir
