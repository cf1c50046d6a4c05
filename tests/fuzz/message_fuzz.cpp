// Any bytes as a message of another rank: it is torn, or it is a message that can be sent on.

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include "runtime/base/check.hpp"
#include "runtime/protocol/codec.hpp"

namespace weir {
namespace {

constexpr std::size_t kMostAttachedBytes = 64 << 10;
const Instant kNow{std::chrono::hours(1)};

std::optional<Envelope> read(std::span<const std::byte> head, std::vector<Bytes> attachments) {
  return decode(RankId(1), head, std::move(attachments), kNow);
}

// Sent on without a change it says the same.
void check_sent_on(Envelope envelope) {
  const std::uint32_t membership = envelope.membership;
  const EncodedMessage first = encode(std::move(envelope.message), membership, kNow);
  std::vector<Bytes> attachments;
  for (const Payload& payload : first.attachments) {
    attachments.emplace_back(payload.bytes().begin(), payload.bytes().end());
  }
  auto again = read(first.head, std::move(attachments));
  WEIR_CHECK(again.has_value(), "a message that was read cannot be sent on");
  const EncodedMessage second = encode(std::move(again->message), again->membership, kNow);
  WEIR_CHECK(first.head == second.head, "a message changes while it is sent on");
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const auto head = std::as_bytes(std::span(data, size));
  const auto sizes = attachment_sizes(head);
  if (!sizes) return 0;
  std::vector<Bytes> attachments;
  std::size_t total = 0;
  for (const std::size_t bytes : *sizes) {
    if (bytes > kMostAttachedBytes - total) return 0;
    total += bytes;
    attachments.emplace_back(bytes, std::byte{7});
  }
  if (auto envelope = read(head, std::move(attachments))) check_sent_on(*std::move(envelope));
  return 0;
}
