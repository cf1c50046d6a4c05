#include "runtime/mpi/mpi_transport.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/mpi/inbox.hpp"
#include "runtime/mpi/mpi_state.hpp"
#include "runtime/mpi/outbox.hpp"

namespace weir {
namespace {

// With messages that can wait: a part of the age that reports have anyhow.
constexpr Duration kReportPatience = std::chrono::milliseconds(5);
// With tasks, for a node that is supplied: it looks by itself within about that time.
constexpr Duration kTaskPatience = std::chrono::milliseconds(10);
constexpr RingPatience kNothingSent{Duration::max(), Duration::max()};

// Of what is sent to each rank, and of what comes from it.
std::vector<FrameCount*> counts_to(const MpiContext& context) {
  std::vector<FrameCount*> by_rank;
  for (int rank = 0; rank < context.rank_count(); ++rank)
    by_rank.push_back(context.frame_count(context.rank(), RankId(rank)));
  return by_rank;
}
std::vector<FrameCount*> counts_from(const MpiContext& context) {
  std::vector<FrameCount*> by_rank;
  for (int rank = 0; rank < context.rank_count(); ++rank)
    by_rank.push_back(context.frame_count(RankId(rank), context.rank()));
  return by_rank;
}

}  // namespace

MpiTransport::MpiTransport(MpiContext& context, Doorbell& doorbell, const Clock& clock,
                           bool tasks_can_wait)
    : context_(context),
      doorbell_(doorbell),
      clock_(clock),
      outbox_(std::make_unique<Outbox>(context.state(), counts_to(context))),
      inbox_(std::make_unique<Inbox>(context.state(), counts_from(context), clock)),
      tasks_can_wait_(tasks_can_wait),
      patience_(static_cast<std::size_t>(context.rank_count()), kNothingSent) {}

MpiTransport::~MpiTransport() { flush(); }

RankId MpiTransport::rank() const { return context_.rank(); }
int MpiTransport::rank_count() const { return context_.rank_count(); }

void MpiTransport::send(RankId to, Message message) {
  WEIR_CHECK(to.value() >= 0 && to.value() < rank_count(), "sending to a rank that does not exist");
  if (!closed_.empty() && closed_.contains(to) && !std::holds_alternative<Exclusion>(message))
    return;
  ++messages_sent_;
  if (to == rank()) {
    ready_.push_back({to, membership_, std::move(message)});
    return;
  }
  RingPatience& patience = patience_[static_cast<std::size_t>(to.value())];
  RingPatience its = patience_with(message);
  EncodedMessage encoded = encode(std::move(message), membership_, clock_.now());
  // Such bytes move only while both ranks look on.
  if (!encoded.attachments.empty()) its = {};
  patience = {std::min(patience.usual, its.usual), std::min(patience.of_supplied, its.of_supplied)};
  outbox_->add(to.value(), std::move(encoded));
}

void MpiTransport::send_last(RankId to, Message message) {
  WEIR_CHECK(to != rank(), "a last message to oneself");
  ++messages_sent_;
  patience_[static_cast<std::size_t>(to.value())] = {};
  outbox_->add_last(to.value(), encode(std::move(message), membership_, clock_.now()));
}

RingPatience MpiTransport::patience_with(const Message& message) const {
  if (can_wait(message)) return {kReportPatience, kReportPatience};
  const auto* const batch = std::get_if<TaskBatch>(&message);
  if (batch == nullptr || !tasks_can_wait_) return {};
  const auto is_first = [](const Task& task) { return task.header.priority > 0; };
  if (std::ranges::any_of(batch->tasks, is_first)) return {};
  return {.of_supplied = kTaskPatience};
}

void MpiTransport::close(RankId to) {
  if (to == rank()) return;
  closed_.insert(to);
  outbox_->abandon(to.value());
  inbox_->abandon(to.value());
}

// What follows are tasks; whether they can wait is only known when they are sent.
void MpiTransport::announce(RankId to) {
  doorbell_.ring_ahead(to, {.of_supplied = tasks_can_wait_ ? kTaskPatience : Duration::zero()});
}

std::optional<Envelope> MpiTransport::try_receive() {
  if (ready_.empty()) poll();
  if (ready_.empty()) return std::nullopt;
  Envelope oldest = std::move(ready_.front());
  ready_.pop_front();
  ++messages_received_;
  return oldest;
}

void MpiTransport::flush() {
  to_ring_.clear();
  outbox_->flush(to_ring_);
  if (!to_ring_.empty()) ++activity_;
  for (const int peer : to_ring_) {
    const auto at = static_cast<std::size_t>(peer);
    doorbell_.ring(RankId(peer), std::exchange(patience_[at], kNothingSent));
  }
}

bool MpiTransport::poll() {
  to_ring_.clear();
  // Those who must push the rest of what they send here may sleep.
  const bool received = inbox_->poll(ready_, to_ring_);
  const bool sent = outbox_->poll(to_ring_);
  for (const int peer : to_ring_) doorbell_.ring(RankId(peer));
  if (received || sent) ++activity_;
  return received || sent;
}

bool MpiTransport::under_way() const { return outbox_->needs_progress() || inbox_->under_way(); }

std::size_t MpiTransport::held_messages() const { return outbox_->held_messages(); }

std::size_t MpiTransport::bytes_under_way() const {
  return outbox_->bytes_under_way() + inbox_->bytes_under_way();
}

TransportCounts MpiTransport::counts() const {
  return {.messages_sent = messages_sent_,
          .bytes_sent = outbox_->bytes_sent(),
          .messages_received = messages_received_,
          .bytes_received = inbox_->bytes_received()};
}

}  // namespace weir
