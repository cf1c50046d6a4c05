#include "runtime/sim/sim_transport.hpp"

#include <utility>
#include <variant>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr std::uint32_t kIncarnation = 1;

// Buffers of longer messages are given back: a view of many nodes must not stay.
constexpr std::size_t kLargestSpareBytes = 4096;

}  // namespace

std::size_t size_of(const EncodedMessage& message) {
  std::size_t size = message.head.size();
  for (const Payload& attachment : message.attachments) size += attachment.bytes().size();
  return size;
}

SimTransport::SimTransport(RankId self, int rank_count, const RankClock& clock, const SimTime& now,
                           std::vector<EncodedMessage>& spare, Post post)
    : self_(self),
      rank_count_(rank_count),
      clock_(clock),
      now_(now),
      spare_(spare),
      post_(std::move(post)) {}

void SimTransport::send(RankId to, Message message) {
  WEIR_CHECK(to.value() >= 0 && to.value() < rank_count_, "sending to a rank that does not exist");
  ++counts_.messages_sent;
  if (to == self_) {
    ready_.push_back({to, kIncarnation, std::move(message)});
    return;
  }
  const bool is_report =
      std::holds_alternative<NodeReport>(message) || std::holds_alternative<MergedView>(message);
  EncodedMessage encoded;
  if (!spare_.empty()) {
    encoded = std::move(spare_.back());
    spare_.pop_back();
  }
  encode(message, kIncarnation, clock_.local(now_), encoded);
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

Envelope SimTransport::open(RankId from, EncodedMessage message) {
  ++counts_.messages_received;
  counts_.bytes_received += size_of(message);
  std::vector<Bytes> attachments;
  for (const Payload& attachment : message.attachments) {
    attachments.emplace_back(attachment.bytes().begin(), attachment.bytes().end());
  }
  Envelope envelope;
  const bool whole =
      decode(from, message.head, std::move(attachments), clock_.local(now_), envelope);
  WEIR_CHECK(whole, "a message did not survive the wire");
  if (message.head.capacity() <= kLargestSpareBytes) {
    message.head.clear();
    message.attachments.clear();
    spare_.push_back(std::move(message));
  }
  return envelope;
}

}  // namespace weir
