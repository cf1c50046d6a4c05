#include "runtime/protocol/codec.hpp"

#include <cstring>
#include <utility>
#include <variant>

#include "runtime/base/check.hpp"
#include "runtime/protocol/message_reader.hpp"
#include "runtime/protocol/message_writer.hpp"
#include "runtime/protocol/wire_layout.hpp"

namespace weir {
namespace {

// The message of variant index `type`, default-made; nothing when there is no such type.
template <std::size_t... I>
std::optional<Message> empty_message(std::size_t type, std::index_sequence<I...>) {
  std::optional<Message> message;
  ((type == I ? void(message.emplace(std::in_place_index<I>)) : void()), ...);
  return message;
}

}  // namespace

EncodedMessage encode(Message message, std::uint32_t incarnation, Instant now) {
  // The fields are written first, for only then the attachments are known; they are moved behind
  // the prefix only in the rare case that there are any.
  EncodedMessage out;
  WirePrefix prefix{incarnation, 0, static_cast<std::uint8_t>(message.index()), 0};
  ByteWriter(out.head).raw(&prefix, sizeof prefix);
  std::visit([&](auto& m) { MessageWriter(out, now).write(m); }, message);
  if (!out.attachments.empty()) {
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
  return out;
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

std::optional<Envelope> decode(RankId from, std::span<const std::byte> head,
                               std::vector<Bytes> attachments, Instant now) {
  ByteReader in(head);
  WirePrefix prefix{};
  in.raw(&prefix, sizeof prefix);
  if (!in.ok() || prefix.attachment_count != attachments.size()) return std::nullopt;
  for (const Bytes& attachment : attachments) {
    if (in.number<std::uint64_t>() != attachment.size()) return std::nullopt;
  }
  auto message =
      empty_message(prefix.type, std::make_index_sequence<std::variant_size_v<Message>>());
  if (!message) return std::nullopt;
  MessageReader reader(in, attachments, now);
  std::visit([&](auto& m) { reader.read(m); }, *message);
  if (!reader.whole()) return std::nullopt;
  return Envelope{from, prefix.incarnation, std::move(*message)};
}

}  // namespace weir
