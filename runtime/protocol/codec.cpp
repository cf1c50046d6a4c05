#include "runtime/protocol/codec.hpp"

#include <cstring>
#include <limits>
#include <utility>
#include <variant>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// A head is: prefix, attachment sizes, fields of the message in the order of its struct. All of it
// is written and read by the two classes below, one overload per struct, so that the two sides can
// be held side by side.
struct Prefix {
  std::uint32_t incarnation;
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
  std::uint16_t flags;
  std::uint16_t cores;
  std::uint16_t device_count;
  std::uint8_t task_class;
  std::uint8_t priority;
  std::uint16_t unused;
};
static_assert(sizeof(WireTask) == 72);

constexpr std::int64_t kNoDeadline = std::numeric_limits<std::int64_t>::max();
// In place of a number of bytes: they are the next attachment.
constexpr std::uint32_t kAttached = ~std::uint32_t{0};

// What to write as the number of these bytes.
std::uint32_t wire_size(std::span<const std::byte> bytes) {
  return bytes.size() >= kAttachmentBytes ? kAttached : static_cast<std::uint32_t>(bytes.size());
}

// Takes the results of ends out of the message; everything else is left as it is.
class MessageWriter {
 public:
  MessageWriter(EncodedMessage& out, Instant now) : head_(out.head), out_(out), now_(now) {}

  void write(const TaskBatch& m) { write_tasks(m.tasks); }
  void write(EndBatch& m) {
    head_.number(count(m.ends));
    for (TaskEnd& end : m.ends) write_end(end);
  }
  void write(const CreditReturn& m) { head_.number(m.task_count); }
  void write(const StealRequest& m) { head_.number(m.most); }
  void write(const HandOver& m) {
    head_.number(m.offer);
    write_tasks(m.tasks);
  }
  void write(const HandOverAnswer& m) {
    head_.number(m.offer);
    head_.number(std::uint8_t{m.accepted});
  }
  void write(const MovedBatch& m) {
    head_.number(m.owner.value());
    head_.number(count(m.moves));
    for (const auto& move : m.moves) {
      head_.number(move.id.value());
      head_.number(move.attempt);
    }
  }
  void write(const IdleToken&) {}
  void write(const NodeReport& m) { write_report(m); }
  void write(const MergedView& m) {
    head_.number(count(m.reports));
    for (const NodeReport& report : m.reports) write_report(report);
  }
  void write(const CountRequest& m) {
    head_.number(m.epoch);
    head_.number(m.round);
  }
  void write(const CountAnswer& m) {
    head_.number(m.epoch);
    head_.number(m.round);
    head_.number(m.submitted);
    head_.number(m.completed);
    head_.number(std::uint8_t{m.exhausted});
  }
  void write(const EpochEnd& m) { head_.number(m.epoch); }
  void write(const StopAdmission&) {}
  void write(const Directive& m) {
    head_.number(m.lifetime.count());
    head_.number(static_cast<std::uint8_t>(m.weights.size()));
    for (const auto& of_class : m.weights) {
      head_.number(count(of_class));
      head_.raw(of_class.data(), of_class.size() * sizeof(float));
    }
  }

 private:
  template <typename T>
  static std::uint32_t count(const std::vector<T>& items) {
    return static_cast<std::uint32_t>(items.size());
  }

  void write_tasks(const std::vector<Task>& tasks) {
    head_.number(count(tasks));
    for (const Task& task : tasks) write_task(task);
  }

  void write_task(const Task& task) {
    const TaskHeader& h = task.header;
    Payload payload = task.payload.as_bytes();
    const WireTask wire{
        .id = h.id.value(),
        .memory_bytes = h.memory_bytes,
        .key = h.key,
        .cost_hint_ns = h.cost_hint.count(),
        .age_ns = (now_ - h.arrival).count(),
        .slack_ns = h.deadline == kNever ? kNoDeadline : (h.deadline - now_).count(),
        .attempt = h.attempt,
        .home = h.home.value(),
        .payload_bytes = wire_size(payload.bytes()),
        .kind = h.kind.value(),
        .flags = h.flags,
        .cores = h.cores,
        .device_count = h.device_count,
        .task_class = h.task_class.value(),
        .priority = h.priority,
        .unused = 0};
    head_.raw(&wire, sizeof wire);
    if (wire.payload_bytes == kAttached) {
      out_.attachments.push_back(std::move(payload));
    } else {
      head_.raw(payload.bytes().data(), payload.bytes().size());
    }
  }

  void write_end(TaskEnd& end) {
    head_.number(end.id.value());
    head_.number(end.attempt);
    head_.number(end.status);
    head_.number(end.task_class.value());
    head_.number(end.home.value());
    head_.number(end.waited.count());
    head_.number(end.service.count());
    const std::uint32_t result_bytes = wire_size(end.result);
    head_.number(result_bytes);
    if (result_bytes == kAttached) {
      out_.attachments.emplace_back(std::move(end.result));
    } else {
      head_.raw(end.result.data(), end.result.size());
    }
  }

  void write_optional(const std::optional<double>& value) {
    head_.number(std::uint8_t{value.has_value()});
    if (value) head_.number(*value);
  }

  void write_report(const NodeReport& r) {
    head_.number(r.node.value());
    head_.number(r.sequence);
    head_.number((now_ - r.made).count());
    head_.number(r.worker_count);
    head_.number(r.speed);
    head_.number(r.busy_share);
    head_.number(static_cast<std::uint8_t>(r.classes.size()));
    for (const ClassLoad& load : r.classes) {
      head_.number(load.queued);
      head_.number(load.running);
      head_.number(load.arrived);
      head_.number(load.completed);
      head_.number(load.mean_service_s);
    }
    write_optional(r.telemetry.cpu_utilization);
    write_optional(r.telemetry.memory_used_bytes);
    write_optional(r.telemetry.memory_available_bytes);
    write_optional(r.telemetry.network_bytes_per_s);
    write_optional(r.telemetry.cpu_pressure);
  }

  ByteWriter head_;
  EncodedMessage& out_;
  Instant now_;
};

class MessageReader {
 public:
  MessageReader(ByteReader& head, std::vector<Bytes>& attachments, Instant now)
      : head_(head), attachments_(attachments), now_(now) {}

  void read(TaskBatch& m) { read_tasks(m.tasks); }
  void read(EndBatch& m) {
    resize(m.ends, kMinEndBytes);
    for (TaskEnd& end : m.ends) read_end(end);
  }
  void read(CreditReturn& m) { m.task_count = head_.number<std::uint32_t>(); }
  void read(StealRequest& m) { m.most = head_.number<std::uint32_t>(); }
  void read(HandOver& m) {
    m.offer = head_.number<std::uint32_t>();
    read_tasks(m.tasks);
  }
  void read(HandOverAnswer& m) {
    m.offer = head_.number<std::uint32_t>();
    m.accepted = head_.number<std::uint8_t>() != 0;
  }
  void read(MovedBatch& m) {
    m.owner = RankId(head_.number<std::int32_t>());
    resize(m.moves, sizeof(std::uint64_t) + sizeof(std::uint32_t));
    for (auto& move : m.moves) {
      move.id = TaskId(head_.number<std::uint64_t>());
      move.attempt = head_.number<std::uint32_t>();
    }
  }
  void read(IdleToken&) {}
  void read(NodeReport& m) { read_report(m); }
  void read(MergedView& m) {
    resize(m.reports, kMinReportBytes);
    for (NodeReport& report : m.reports) read_report(report);
  }
  void read(CountRequest& m) {
    m.epoch = head_.number<std::uint32_t>();
    m.round = head_.number<std::uint32_t>();
  }
  void read(CountAnswer& m) {
    m.epoch = head_.number<std::uint32_t>();
    m.round = head_.number<std::uint32_t>();
    m.submitted = head_.number<std::uint64_t>();
    m.completed = head_.number<std::uint64_t>();
    m.exhausted = head_.number<std::uint8_t>() != 0;
  }
  void read(EpochEnd& m) { m.epoch = head_.number<std::uint32_t>(); }
  void read(StopAdmission&) {}
  void read(Directive& m) {
    m.lifetime = believable(head_.number<Duration::rep>());
    m.weights.resize(head_.number<std::uint8_t>());
    for (auto& of_class : m.weights) {
      resize(of_class, sizeof(float));
      head_.raw(of_class.data(), of_class.size() * sizeof(float));
    }
  }

  bool whole() const {
    return ok_ && head_.ok() && head_.remaining() == 0 && next_attachment_ == attachments_.size();
  }

 private:
  static constexpr std::size_t kMinEndBytes = 38;
  static constexpr std::size_t kMinReportBytes = 42;

  // A torn count must not ask for more memory than the message could fill.
  template <typename T>
  void resize(std::vector<T>& items, std::size_t min_bytes_each) {
    const auto count = head_.number<std::uint32_t>();
    if (count > head_.remaining() / min_bytes_each) {
      ok_ = false;
      return;
    }
    items.resize(count);
  }

  // A span of more than 146 years is a torn message, and would overflow the time line.
  Duration believable(Duration::rep span_ns) {
    constexpr Duration::rep kMaxSpan = Duration::max().count() / 2;
    if (span_ns >= -kMaxSpan && span_ns <= kMaxSpan) return Duration(span_ns);
    ok_ = false;
    return Duration::zero();
  }

  void read_tasks(std::vector<Task>& tasks) {
    resize(tasks, sizeof(WireTask));
    for (Task& task : tasks) read_task(task);
  }

  void read_task(Task& task) {
    WireTask wire{};
    head_.raw(&wire, sizeof wire);
    TaskHeader& h = task.header;
    h.id = TaskId(wire.id);
    h.memory_bytes = wire.memory_bytes;
    h.key = wire.key;
    h.cost_hint = Duration(wire.cost_hint_ns);
    h.arrival = now_ - believable(wire.age_ns);
    h.deadline = wire.slack_ns == kNoDeadline ? kNever : now_ + believable(wire.slack_ns);
    h.attempt = wire.attempt;
    h.home = RankId(wire.home);
    h.kind = KindId(wire.kind);
    h.flags = wire.flags;
    h.cores = wire.cores;
    h.device_count = wire.device_count;
    h.task_class = read_class(wire.task_class);
    h.priority = wire.priority;
    task.payload = Payload(read_bytes(wire.payload_bytes));
  }

  Bytes read_bytes(std::uint32_t size) {
    if (size == 0) return {};
    if (size == kAttached) {
      if (next_attachment_ == attachments_.size()) {
        ok_ = false;
        return {};
      }
      return std::move(attachments_[next_attachment_++]);
    }
    if (size > head_.remaining()) {
      ok_ = false;
      return {};
    }
    Bytes bytes(size);
    head_.raw(bytes.data(), size);
    return bytes;
  }

  ClassId read_class(std::uint8_t value) {
    if (value >= kMaxClasses) ok_ = false;
    return ClassId(value);
  }

  void read_end(TaskEnd& end) {
    end.id = TaskId(head_.number<std::uint64_t>());
    end.attempt = head_.number<std::uint32_t>();
    const auto status = head_.number<std::uint8_t>();
    if (status > static_cast<std::uint8_t>(TaskStatus::kFailed)) ok_ = false;
    end.status = static_cast<TaskStatus>(status);
    end.task_class = read_class(head_.number<std::uint8_t>());
    end.home = RankId(head_.number<std::int32_t>());
    end.waited = Duration(head_.number<Duration::rep>());
    end.service = Duration(head_.number<Duration::rep>());
    end.result = read_bytes(head_.number<std::uint32_t>());
  }

  std::optional<double> read_optional() {
    if (head_.number<std::uint8_t>() == 0) return std::nullopt;
    return head_.number<double>();
  }

  void read_report(NodeReport& r) {
    r.node = RankId(head_.number<std::int32_t>());
    r.sequence = head_.number<std::uint32_t>();
    r.made = now_ - believable(head_.number<Duration::rep>());
    r.worker_count = head_.number<std::uint32_t>();
    r.speed = head_.number<double>();
    r.busy_share = head_.number<double>();
    const auto class_count = head_.number<std::uint8_t>();
    if (class_count > kMaxClasses) {
      ok_ = false;
      return;
    }
    r.classes.resize(class_count);
    for (ClassLoad& load : r.classes) {
      load.queued = head_.number<std::uint32_t>();
      load.running = head_.number<std::uint32_t>();
      load.arrived = head_.number<std::uint64_t>();
      load.completed = head_.number<std::uint64_t>();
      load.mean_service_s = head_.number<double>();
    }
    r.telemetry.cpu_utilization = read_optional();
    r.telemetry.memory_used_bytes = read_optional();
    r.telemetry.memory_available_bytes = read_optional();
    r.telemetry.network_bytes_per_s = read_optional();
    r.telemetry.cpu_pressure = read_optional();
  }

  ByteReader& head_;
  std::vector<Bytes>& attachments_;
  std::size_t next_attachment_ = 0;
  Instant now_;
  bool ok_ = true;
};

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
  Prefix prefix{incarnation, 0, static_cast<std::uint8_t>(message.index()), 0};
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
  Prefix prefix{};
  in.raw(&prefix, sizeof prefix);
  std::vector<std::size_t> sizes(in.ok() ? prefix.attachment_count : 0);
  for (auto& size : sizes) size = in.number<std::uint64_t>();
  if (!in.ok()) return std::nullopt;
  return sizes;
}

std::optional<Envelope> decode(RankId from, std::span<const std::byte> head,
                               std::vector<Bytes> attachments, Instant now) {
  ByteReader in(head);
  Prefix prefix{};
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
