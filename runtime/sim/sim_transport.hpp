// A rank's way to the others in the virtual world: encodes and decodes the real messages, and
// leaves what lies between to the simulation.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <set>

#include "runtime/environment/transport.hpp"
#include "runtime/sim/letter_pool.hpp"
#include "runtime/sim/rank_clock.hpp"

namespace weir {

inline std::size_t size_of(const EncodedMessage& message) {
  std::size_t size = message.head.size();
  for (const Payload& attachment : message.attachments) size += attachment.bytes().size();
  return size;
}

class SimTransport final : public Transport {
 public:
  // Takes a letter on its way now. A report may get lost: what it says, a later one says again.
  using Post = std::function<void(std::uint32_t letter, bool is_report)>;
  // The time of the world; outlives the transport, as `clock` and `letters` do.
  SimTransport(RankId self, int rank_count, const RankClock& clock, const SimTime& now,
               LetterPool& letters, Post post);

  RankId rank() const override { return self_; }
  int rank_count() const override { return rank_count_; }
  void send(RankId to, Message message) override;
  std::optional<Envelope> try_receive() override;
  void close(RankId to) override { closed_.insert(to); }
  void set_membership(std::uint32_t tag) override { membership_ = tag; }
  TransportCounts counts() const override { return counts_; }

  // Whether try_receive() has something: messages of this rank to itself.
  bool has_message() const { return !ready_.empty(); }

  // What has arrived, decoded. The letter is given back.
  Envelope open(std::uint32_t letter);

 private:
  RankId self_;
  int rank_count_;
  const RankClock& clock_;
  const SimTime& now_;
  LetterPool& letters_;
  Post post_;
  std::set<RankId> closed_;
  std::uint32_t membership_ = 0;
  std::deque<Envelope> ready_;
  TransportCounts counts_;
};

}  // namespace weir
