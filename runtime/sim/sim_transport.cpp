#include "runtime/sim/sim_transport.hpp"

#include <utility>
#include <variant>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr std::uint32_t kIncarnation = 1;

}  // namespace

std::size_t size_of(const EncodedMessage& message) {
  std::size_t size = message.head.size();
  for (const Payload& attachment : message.attachments) size += attachment.bytes().size();
  return size;
}

SimTransport::SimTransport(RankId self, int rank_count, const RankClock& clock, const SimTime& now,
                           Post post)
    : self_(self), rank_count_(rank_count), clock_(clock), now_(now), post_(std::move(post)) {}

void SimTransport::send(RankId to, Message message) {
  WEIR_CHECK(to.value() >= 0 && to.value() < rank_count_, "sending to a rank that does not exist");
  ++counts_.messages_sent;
  if (to == self_) {
    ready_.push_back({to, kIncarnation, std::move(message)});
    return;
  }
  const bool is_report =
      std::holds_alternative<NodeReport>(message) || std::holds_alternative<MergedView>(message);
  EncodedMessage encoded = encode(std::move(message), kIncarnation, clock_.local(now_));
  counts_.bytes_sent += size_of(encoded);
  post_(to, std::move(encoded), is_report);
}

std::optional<Envelope> SimTransport::try_receive() {
  if (ready_.empty()) return std::nullopt;
  Envelope oldest = std::move(ready_.front());
  ready_.pop_front();
  ++counts_.messages_received;
  return oldest;
}

void SimTransport::arrive(RankId from, EncodedMessage message) {
  counts_.bytes_received += size_of(message);
  std::vector<Bytes> attachments;
  for (const Payload& attachment : message.attachments) {
    attachments.emplace_back(attachment.bytes().begin(), attachment.bytes().end());
  }
  auto envelope = decode(from, message.head, std::move(attachments), clock_.local(now_));
  WEIR_CHECK(envelope.has_value(), "a message did not survive the wire");
  ready_.push_back(std::move(*envelope));
}

}  // namespace weir
