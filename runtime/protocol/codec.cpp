#include "runtime/protocol/codec.hpp"

#include <cstring>
#include <type_traits>
#include <utility>
#include <variant>

#include "runtime/base/check.hpp"
#include "runtime/protocol/message_reader.hpp"
#include "runtime/protocol/message_writer.hpp"
#include "runtime/protocol/wire_layout.hpp"

namespace weir {
namespace {

// Makes the message one of variant index `type`, default-made; false when there is no such type.
template <std::size_t... I>
bool make_empty(std::size_t type, Message& message, std::index_sequence<I...>) {
  return ((type == I ? (message.emplace<I>(), true) : false) || ...);
}

// Reports and plans that are whole, of one sender each, and a question that one answer satisfies.
// Samples, because some are as good as others. Not MergedView and SubtreeReport, which hold what
// has changed only.
template <typename M>
constexpr bool kNewestCounts =
    std::is_same_v<M, NodeReport> || std::is_same_v<M, EntryNodes> || std::is_same_v<M, Outlook> ||
    std::is_same_v<M, Directive> || std::is_same_v<M, ContentionReport> ||
    std::is_same_v<M, ContentionOutlook> || std::is_same_v<M, Probe> ||
    std::is_same_v<M, CapacityReport> || std::is_same_v<M, CapacityOrder> ||
    std::is_same_v<M, ServiceSamples> || std::is_same_v<M, EstimatorWeights> ||
    std::is_same_v<M, WeightsReport> || std::is_same_v<M, AverageWeights> ||
    std::is_same_v<M, HomeCopy>;

template <std::size_t... I>
constexpr bool newest_counts_of(std::size_t kind, std::index_sequence<I...>) {
  return ((kind == I && kNewestCounts<std::variant_alternative_t<I, Message>>) || ...);
}

// Most messages are shorter: a head is made in one allocation.
constexpr std::size_t kUsualHeadBytes = 256;

}  // namespace

EncodedMessage encode(Message message, std::uint32_t membership, Instant now) {
  EncodedMessage out;
  encode(message, membership, now, out);
  return out;
}

void encode(Message& message, std::uint32_t membership, Instant now, EncodedMessage& out) {
  WEIR_CHECK(out.head.empty() && out.attachments.empty(), "a message would be overwritten");
  // The fields are written first, for only then the attachments are known; they are moved behind
  // the prefix only in the rare case that there are any.
  WirePrefix prefix{membership, 0, static_cast<std::uint8_t>(message.index()), 0};
  out.head.reserve(kUsualHeadBytes);
  ByteWriter(out.head).raw(&prefix, sizeof prefix);
  std::visit([&](auto& m) { MessageWriter(out, now).write(m); }, message);
  if (out.attachments.empty()) return;
  WEIR_CHECK(out.attachments.size() <= UINT16_MAX, "too many attachments to one message");
  prefix.attachment_count = static_cast<std::uint16_t>(out.attachments.size());
  Bytes sizes;
  ByteWriter writer(sizes);
  for (const Payload& payload : out.attachments) {
    writer.number(static_cast<std::uint64_t>(payload.bytes().size()));
  }
  std::memcpy(out.head.data(), &prefix, sizeof prefix);
  out.head.insert(out.head.begin() + sizeof prefix, sizes.begin(), sizes.end());
}

std::size_t kind_of(std::span<const std::byte> head) {
  ByteReader in(head);
  WirePrefix prefix{};
  in.raw(&prefix, sizeof prefix);
  WEIR_CHECK(in.ok(), "a torn message");
  return prefix.type;
}

bool newest_counts(std::size_t kind) {
  return newest_counts_of(kind, std::make_index_sequence<std::variant_size_v<Message>>());
}

bool can_wait(const Message& message) {
  return newest_counts(message.index()) ? !std::holds_alternative<Probe>(message)
                                        : std::holds_alternative<MergedView>(message) ||
                                              std::holds_alternative<SubtreeReport>(message);
}

std::optional<std::vector<std::size_t>> attachment_sizes(std::span<const std::byte> head) {
  ByteReader in(head);
  WirePrefix prefix{};
  in.raw(&prefix, sizeof prefix);
  std::vector<std::size_t> sizes(in.ok() ? prefix.attachment_count : 0);
  for (auto& size : sizes) size = in.number<std::uint64_t>();
  if (!in.ok()) return std::nullopt;
  return sizes;
}

bool decode(RankId from, std::span<const std::byte> head, std::vector<Bytes> attachments,
            Instant now, Envelope& envelope) {
  ByteReader in(head);
  WirePrefix prefix{};
  in.raw(&prefix, sizeof prefix);
  if (!in.ok() || prefix.attachment_count != attachments.size()) return false;
  for (const Bytes& attachment : attachments) {
    if (in.number<std::uint64_t>() != attachment.size()) return false;
  }
  envelope.from = from;
  envelope.membership = prefix.membership;
  if (!make_empty(prefix.type, envelope.message,
                  std::make_index_sequence<std::variant_size_v<Message>>())) {
    return false;
  }
  MessageReader reader(in, attachments, now);
  std::visit([&](auto& m) { reader.read(m); }, envelope.message);
  return reader.whole();
}

std::optional<Envelope> decode(RankId from, std::span<const std::byte> head,
                               std::vector<Bytes> attachments, Instant now) {
  std::optional<Envelope> envelope(std::in_place);
  if (!decode(from, head, std::move(attachments), now, *envelope)) envelope.reset();
  return envelope;
}

}  // namespace weir
