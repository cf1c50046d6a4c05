// A rank's way to the others in the virtual world: encodes and decodes the real messages, and
// leaves what lies between to the simulation.

#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "runtime/environment/transport.hpp"
#include "runtime/protocol/codec.hpp"
#include "runtime/sim/rank_clock.hpp"

namespace weir {

std::size_t size_of(const EncodedMessage& message);

class SimTransport final : public Transport {
 public:
  // Takes a message on its way now. A report may get lost: what it says, a later one says again.
  using Post = std::function<void(RankId to, EncodedMessage message, bool is_report)>;
  // The time of the world; outlives the transport, as `clock` does, and `spare`: the buffers of
  // messages that have arrived, for those to come.
  SimTransport(RankId self, int rank_count, const RankClock& clock, const SimTime& now,
               std::vector<EncodedMessage>& spare, Post post);

  RankId rank() const override { return self_; }
  int rank_count() const override { return rank_count_; }
  void send(RankId to, Message message) override;
  std::optional<Envelope> try_receive() override;
  TransportCounts counts() const override { return counts_; }

  // Whether try_receive() has something.
  bool has_message() const { return !ready_.empty(); }

  // Decodes what has arrived.
  Envelope open(RankId from, EncodedMessage message);

 private:
  RankId self_;
  int rank_count_;
  const RankClock& clock_;
  const SimTime& now_;
  std::vector<EncodedMessage>& spare_;
  Post post_;
  std::deque<Envelope> ready_;
  TransportCounts counts_;
};

}  // namespace weir
