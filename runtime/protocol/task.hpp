// What a task is, in memory and on the wire.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

namespace weir {

class Payload;

// Typed arguments that stay an object until they have to leave the rank.
class PayloadObject {
 public:
  virtual ~PayloadObject() = default;
  // Control thread; may throw what the argument's own serialization throws.
  virtual Bytes serialize() const = 0;
  // The same as a payload, for objects that hold their bytes already.
  virtual Payload as_payload() const;
};

// What a task works on: nothing, bytes, or an object. Immutable. A copy shares the contents,
// because the home keeps them for another attempt while a message or a worker still reads them, so
// that a payload of megabytes is never copied: one of three places in weir where ownership is
// shared (the others: decisions/011 and 013).
class Payload {
 public:
  Payload() = default;
  explicit Payload(Bytes bytes);
  explicit Payload(std::shared_ptr<const PayloadObject> object);

  bool is_object() const { return object_ != nullptr; }
  // Empty when the payload is an object.
  std::span<const std::byte> bytes() const;
  // Null when the payload is bytes.
  const PayloadObject* object() const { return object_.get(); }
  // The same payload as bytes; an object is serialized.
  Payload as_bytes() const;

 private:
  std::shared_ptr<const Bytes> bytes_;
  std::shared_ptr<const PayloadObject> object_;
};

enum TaskFlag : std::uint16_t {
  kNoRerun = 1,     // has side effects: it fails rather than run twice
  kPinned = 2,      // runs on the rank its home named, nowhere else
  kHandedOver = 4,  // has moved once and does not move again
  kUncredited = 8   // came to the node that it was placed on without credit for it
};

// Of a task that no task submitted 0, else one more than of the task that submitted it. At this
// value it stays: a chain of so many says no more than that it is long.
inline constexpr std::uint16_t kMostDepth = 0x0FFF;

inline std::uint16_t depth_below(std::uint16_t depth) {
  return depth < kMostDepth ? static_cast<std::uint16_t>(depth + 1) : kMostDepth;
}
// Whether a task of that depth may have been submitted by one of depth `than`, or by what that one
// submitted.
inline bool is_deeper(int depth, int than) { return depth > than || depth == kMostDepth; }

// In place of the number of a memory domain.
inline constexpr std::uint16_t kAnyMemoryDomain = 0xFFFF;

struct TaskHeader {
  TaskId id;
  std::uint32_t attempt = 1;
  KindId kind;
  ClassId task_class;
  std::uint8_t priority = 0;  // higher runs first among equals
  std::uint16_t flags = 0;    // of TaskFlag
  std::uint16_t cores =
      1;  // carried, as are devices and memory; every task runs on one worker today
  std::uint16_t device_count = 0;
  std::uint16_t depth = 0;  // at most kMostDepth
  // Of the node that runs it, the part whose workers are to; others run it before they idle.
  std::uint16_t memory_domain = kAnyMemoryDomain;
  RankId home;
  std::uint32_t load_at_arrival = 0;  // tasks that its node had when it came; not on the wire
  std::uint64_t memory_bytes = 0;
  std::uint64_t key = 0;      // reserved for streams whose tasks of one key keep their order
  Duration cost_hint{0};      // expected service time on a core of speed 1; zero: unknown
  Instant arrival{};          // when it was due at its home; on the wire an age
  Instant deadline = kNever;  // on the wire the remaining slack
};

struct Task {
  TaskHeader header;
  Payload payload;
};

enum class TaskStatus : std::uint8_t {
  kDone,
  kFailed,
  kDropped  // never ran: turned away at its home, or too late for its deadline
};

// One attempt that has ended.
struct TaskEnd {
  TaskId id;
  std::uint32_t attempt = 1;
  TaskStatus status = TaskStatus::kDone;
  ClassId task_class;
  RankId home;                        // where to report it
  std::uint32_t load_at_arrival = 0;  // of its header; not on the wire
  // Tasks of its class that ran in its memory domain when it started, itself included; zero: not
  // known. Not on the wire.
  std::uint32_t running_alike = 0;
  Duration waited{0};   // queued at the node that ran it
  Duration service{0};  // running there
  Bytes result;         // or, when failed, the text of the error
};

// The end of an attempt that failed, with that text.
TaskEnd failed_end(const TaskHeader& header, std::string_view error);

// The end of an attempt that waited so long and then was not run.
TaskEnd dropped_end(const TaskHeader& header, Duration waited);

// Makes the payload bytes, so that the task can leave its rank. When the serialization throws, the
// attempt ends here: its failed end is returned.
std::optional<TaskEnd> serialize_payload(Task& task);

}  // namespace weir
