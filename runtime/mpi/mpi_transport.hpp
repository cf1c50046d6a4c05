// Messages over MPI, on the context's private communicator. What is sent in one round of the loop
// goes out with flush(), collected per peer; each receiver's bell is rung once.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "runtime/environment/clock.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/mpi/doorbell.hpp"
#include "runtime/mpi/mpi_context.hpp"

namespace weir {

class Inbox;
class Outbox;

// A payload object sent to this rank itself stays an object; one that leaves it is serialized by
// send(). Large payloads and results are sent from where they lie and received where they stay.
class MpiTransport final : public Transport {
 public:
  // All are the caller's and outlive the transport. `tasks_can_wait`: none of them runs ahead of
  // what waits at a node, so that one which is supplied with tasks need not be woken for more.
  MpiTransport(MpiContext& context, Doorbell& doorbell, const Clock& clock,
               bool tasks_can_wait = false);
  // Gives what was sent half a second to leave. Drops what was not received.
  ~MpiTransport() override;

  RankId rank() const override;
  int rank_count() const override;
  void send(RankId to, Message message) override;
  // As Outbox::add_last().
  void send_last(RankId to, Message message);
  void announce(RankId to) override;
  std::optional<Envelope> try_receive() override;
  void close(RankId to) override;
  void set_membership(std::uint32_t tag) override { membership_ = tag; }
  TransportCounts counts() const override;

  // Hands what was sent to MPI and rings the receivers.
  void flush();

  // Moves everything on, without blocking; true when anything happened.
  bool poll();
  // Whether try_receive() has something without asking MPI.
  bool has_message() const { return !ready_.empty(); }

  // While true, MPI needs to be polled without a bell: its own traffic rings none.
  bool under_way() const;
  std::size_t bytes_under_way() const;
  // Messages that wait here because their receivers take nothing: see outbox.hpp.
  std::size_t held_messages() const;
  // Changes whenever something is handed to MPI, comes, or is done with.
  std::uint64_t activity() const { return activity_; }

 private:
  RingPatience patience_with(const Message& message) const;

  MpiContext& context_;
  Doorbell& doorbell_;
  const Clock& clock_;
  std::uint32_t membership_ = 0;
  std::set<RankId> closed_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Inbox> inbox_;
  std::deque<Envelope> ready_;
  std::vector<int> to_ring_;
  bool tasks_can_wait_;
  std::vector<RingPatience> patience_;  // by rank: of what was sent since the last flush
  std::uint64_t activity_ = 0;
  std::uint64_t messages_sent_ = 0;
  std::uint64_t messages_received_ = 0;
};

}  // namespace weir
