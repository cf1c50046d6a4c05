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

// The fixed part of a report; its classes follow, as they lie in memory, then its telemetry.
struct [[gnu::packed]] WireReport {
  std::int32_t node;
  std::uint32_t sequence;
  std::int64_t age_ns;
  std::uint32_t worker_count;
  double speed;
  double busy_share;
  std::uint8_t class_count;
};
static_assert(sizeof(WireReport) == 37 && sizeof(ClassLoad) == 32);

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
    if (task.payload.is_object()) {
      write_task(h, task.payload.as_bytes());
    } else {
      write_task(h, task.payload);
    }
  }

  void write_task(const TaskHeader& h, const Payload& payload) {
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
      out_.attachments.push_back(payload);
    } else {
      head_.raw(payload.bytes().data(), payload.bytes().size());
    }
  }

  void write_end(TaskEnd& end) {
    const WireEnd wire{.id = end.id.value(),
                       .attempt = end.attempt,
                       .status = static_cast<std::uint8_t>(end.status),
                       .task_class = end.task_class.value(),
                       .home = end.home.value(),
                       .waited_ns = end.waited.count(),
                       .service_ns = end.service.count(),
                       .result_bytes = wire_size(end.result)};
    head_.raw(&wire, sizeof wire);
    if (wire.result_bytes == kAttached) {
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
    const WireReport wire{.node = r.node.value(),
                          .sequence = r.sequence,
                          .age_ns = (now_ - r.made).count(),
                          .worker_count = r.worker_count,
                          .speed = r.speed,
                          .busy_share = r.busy_share,
                          .class_count = static_cast<std::uint8_t>(r.classes.size())};
    head_.raw(&wire, sizeof wire);
    head_.raw(r.classes.data(), r.classes.size() * sizeof(ClassLoad));
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
    resize(m.ends, sizeof(WireEnd));
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
    resize(m.reports, sizeof(WireReport) + kTelemetryBytes);
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
  static constexpr std::size_t kTelemetryBytes = 5;  // at least

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
    WireEnd wire{};
    head_.raw(&wire, sizeof wire);
    if (wire.status > static_cast<std::uint8_t>(TaskStatus::kDropped)) ok_ = false;
    end.id = TaskId(wire.id);
    end.attempt = wire.attempt;
    end.status = static_cast<TaskStatus>(wire.status);
    end.task_class = read_class(wire.task_class);
    end.home = RankId(wire.home);
    end.waited = Duration(wire.waited_ns);
    end.service = Duration(wire.service_ns);
    end.result = read_bytes(wire.result_bytes);
  }

  std::optional<double> read_optional() {
    if (head_.number<std::uint8_t>() == 0) return std::nullopt;
    return head_.number<double>();
  }

  void read_report(NodeReport& r) {
    WireReport wire{};
    head_.raw(&wire, sizeof wire);
    if (wire.class_count > kMaxClasses) {
      ok_ = false;
      return;
    }
    r.node = RankId(wire.node);
    r.sequence = wire.sequence;
    r.made = now_ - believable(wire.age_ns);
    r.worker_count = wire.worker_count;
    r.speed = wire.speed;
    r.busy_share = wire.busy_share;
    r.classes.resize(wire.class_count);
    head_.raw(r.classes.data(), r.classes.size() * sizeof(ClassLoad));
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

// Makes the message one of variant index `type`, default-made; false when there is no such type.
template <std::size_t... I>
bool make_empty(std::size_t type, Message& message, std::index_sequence<I...>) {
  return ((type == I ? (message.emplace<I>(), true) : false) || ...);
}

// Most messages are shorter: a head is made in one allocation.
constexpr std::size_t kUsualHeadBytes = 256;

}  // namespace

EncodedMessage encode(Message message, std::uint32_t incarnation, Instant now) {
  EncodedMessage out;
  encode(message, incarnation, now, out);
  return out;
}

void encode(Message& message, std::uint32_t incarnation, Instant now, EncodedMessage& out) {
  WEIR_CHECK(out.head.empty() && out.attachments.empty(), "a message would be overwritten");
  // The fields are written first, for only then the attachments are known; they are moved behind
  // the prefix only in the rare case that there are any.
  Prefix prefix{incarnation, 0, static_cast<std::uint8_t>(message.index()), 0};
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

std::optional<std::vector<std::size_t>> attachment_sizes(std::span<const std::byte> head) {
  ByteReader in(head);
  Prefix prefix{};
  in.raw(&prefix, sizeof prefix);
  std::vector<std::size_t> sizes(in.ok() ? prefix.attachment_count : 0);
  for (auto& size : sizes) size = in.number<std::uint64_t>();
  if (!in.ok()) return std::nullopt;
  return sizes;
}

bool decode(RankId from, std::span<const std::byte> head, std::vector<Bytes> attachments,
            Instant now, Envelope& envelope) {
  ByteReader in(head);
  Prefix prefix{};
  in.raw(&prefix, sizeof prefix);
  if (!in.ok() || prefix.attachment_count != attachments.size()) return false;
  for (const Bytes& attachment : attachments) {
    if (in.number<std::uint64_t>() != attachment.size()) return false;
  }
  envelope.from = from;
  envelope.incarnation = prefix.incarnation;
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
