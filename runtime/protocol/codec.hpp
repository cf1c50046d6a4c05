// Messages to bytes and back. A message is a head, and payloads and results of at least
// kAttachmentBytes beside it: those are sent from where they lie and received where they stay,
// without a copy. So a head stays small, and they may be of any size.

#pragma once

#include <optional>
#include <span>
#include <vector>

#include "runtime/protocol/message.hpp"

namespace weir {

// Raised whenever the wire changes; ranks with different numbers refuse each other at start.
inline constexpr std::uint32_t kProtocolVersion = 15;

inline constexpr std::size_t kAttachmentBytes = 16 * 1024;

struct EncodedMessage {
  Bytes head;
  std::vector<Payload> attachments;  // each holds bytes, never an object
};

// `membership`: see Envelope. Objects in payloads are serialized here, and what that throws is
// thrown; control code hands over bytes. `now` is the sender's clock.
EncodedMessage encode(Message message, std::uint32_t membership, Instant now);
// The same into an empty message whose buffers are used again; results are taken out of `message`.
void encode(Message& message, std::uint32_t membership, Instant now, EncodedMessage& out);

// Which kind of message the head begins: an index into Message. The head is not torn.
std::size_t kind_of(std::span<const std::byte> head);
// Whether a later message of that kind, to the same receiver, says all that an earlier one says:
// the earlier one may then be dropped, unless it has left.
bool newest_counts(std::size_t kind);
// Whether a receiver that sleeps need not be woken for such a message, if it wakes by itself before
// long: nobody waits for it, and it is about what has been so for a while.
bool can_wait(const Message& message);

// The sizes of the attachments that follow this head, in order; nothing when the head is torn.
std::optional<std::vector<std::size_t>> attachment_sizes(std::span<const std::byte> head);

// Nothing when the bytes are not a whole message. `now` is the receiver's clock; `attachments` are
// as many, and as long, as attachment_sizes() said.
// The same into an envelope, whatever it held; false in place of nothing.
bool decode(RankId from, std::span<const std::byte> head, std::vector<Bytes> attachments,
            Instant now, Envelope& envelope);
std::optional<Envelope> decode(RankId from, std::span<const std::byte> head,
                               std::vector<Bytes> attachments, Instant now);

}  // namespace weir
