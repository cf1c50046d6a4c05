// The fixed parts of an encoded message. A head is: prefix, attachment sizes, fields of the message
// in the order of its struct.

#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "runtime/protocol/codec.hpp"

namespace weir {

struct WirePrefix {
  std::uint32_t membership;
  std::uint16_t attachment_count;
  std::uint8_t type;  // index into Message
  std::uint8_t unused;
};

// The fixed part of a task as it travels: no padding, no instants.
struct WireTask {
  std::uint64_t id;
  std::uint64_t memory_bytes;
  std::uint64_t key;
  std::int64_t cost_hint_ns;
  std::int64_t age_ns;
  std::int64_t slack_ns;  // kNoDeadline: none
  std::uint32_t attempt;
  std::int32_t home;
  std::uint32_t payload_bytes;  // or kAttached
  std::uint16_t kind;
  std::uint16_t flags_and_depth;  // the lowest kFlagBits are the flags
  std::uint16_t cores;
  std::uint16_t device_count;
  std::uint8_t task_class;
  std::uint8_t priority;
  std::uint16_t memory_domain;
};
static_assert(sizeof(WireTask) == 72);

// The fixed part of an end.
struct [[gnu::packed]] WireEnd {
  std::uint64_t id;
  std::uint32_t attempt;
  std::uint8_t status;
  std::uint8_t task_class;
  std::int32_t home;
  std::int64_t waited_ns;
  std::int64_t service_ns;
  std::uint32_t result_bytes;  // or kAttached
};
static_assert(sizeof(WireEnd) == 38);

// A class in a report. What does not fit is sent as the most that does: no node has as many
// workers.
struct [[gnu::packed]] WireClassLoad {
  std::uint32_t queued;
  std::uint16_t running;
  std::uint16_t limit;
  std::uint64_t arrived;
  std::uint64_t completed;
  double mean_service_s;
};
static_assert(sizeof(WireClassLoad) == 32);

// The fixed part of a report; its classes follow, then its telemetry.
struct [[gnu::packed]] WireReport {
  std::int32_t node;
  std::uint32_t sequence;
  std::int64_t age_ns;
  std::uint32_t worker_count;
  double speed;
  double busy_share;
  std::uint8_t class_count;
};
static_assert(sizeof(WireReport) == 37);

inline constexpr int kFlagBits = 4;
inline constexpr std::int64_t kNoDeadline = std::numeric_limits<std::int64_t>::max();
// In place of a number of bytes: they are the next attachment.
inline constexpr std::uint32_t kAttached = ~std::uint32_t{0};

// What to write as the number of these bytes.
inline std::uint32_t wire_size(std::span<const std::byte> bytes) {
  return bytes.size() >= kAttachmentBytes ? kAttached : static_cast<std::uint32_t>(bytes.size());
}

}  // namespace weir
