#include "runtime/sim/sim_transport.hpp"

#include <utility>
#include <variant>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// What is told or decided again before long: no more than that is ever lost.
bool tells_state(const Message& message) {
  return std::holds_alternative<NodeReport>(message) ||
         std::holds_alternative<MergedView>(message) ||
         std::holds_alternative<SubtreeReport>(message) ||
         std::holds_alternative<EntryNodes>(message) || std::holds_alternative<Outlook>(message) ||
         std::holds_alternative<MoveOrder>(message) || std::holds_alternative<MoveDone>(message) ||
         std::holds_alternative<MoveQuota>(message) || std::holds_alternative<StealHint>(message) ||
         std::holds_alternative<ContentionReport>(message) ||
         std::holds_alternative<ContentionOutlook>(message) ||
         std::holds_alternative<CapacityReport>(message) ||
         std::holds_alternative<CapacityOrder>(message) ||
         std::holds_alternative<ServiceSamples>(message) ||
         std::holds_alternative<EstimatorWeights>(message) ||
         std::holds_alternative<WeightsReport>(message) ||
         std::holds_alternative<AverageWeights>(message);
}

}  // namespace

SimTransport::SimTransport(RankId self, int rank_count, const RankClock& clock, const SimTime& now,
                           LetterPool& letters, Post post)
    : self_(self),
      rank_count_(rank_count),
      clock_(clock),
      now_(now),
      letters_(letters),
      post_(std::move(post)) {}

void SimTransport::send(RankId to, Message message) {
  WEIR_CHECK(to.value() >= 0 && to.value() < rank_count_, "sending to a rank that does not exist");
  if (closed_.contains(to) && !std::holds_alternative<Exclusion>(message)) return;
  ++counts_.messages_sent;
  if (to == self_) {
    ready_.push_back({to, membership_, std::move(message)});
    return;
  }
  const bool is_report = tells_state(message);
  const std::uint32_t place = letters_.take();
  Letter& letter = letters_[place];
  letter.from = self_;
  letter.to = to;
  encode(message, membership_, clock_.local(now_), letter.message);
  counts_.bytes_sent += size_of(letter.message);
  post_(place, is_report);
}

std::optional<Envelope> SimTransport::try_receive() {
  if (ready_.empty()) return std::nullopt;
  Envelope oldest = std::move(ready_.front());
  ready_.pop_front();
  ++counts_.messages_received;
  return oldest;
}

Envelope SimTransport::open(std::uint32_t place) {
  const Letter& letter = letters_[place];
  ++counts_.messages_received;
  counts_.bytes_received += size_of(letter.message);
  std::vector<Bytes> attachments;
  for (const Payload& attachment : letter.message.attachments) {
    attachments.emplace_back(attachment.bytes().begin(), attachment.bytes().end());
  }
  Envelope envelope;
  const bool whole = decode(letter.from, letter.message.head, std::move(attachments),
                            clock_.local(now_), envelope);
  WEIR_CHECK(whole, "a message did not survive the wire");
  letters_.give_back(place);
  return envelope;
}

}  // namespace weir
