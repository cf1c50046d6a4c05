// Bytes to the fields of messages: one overload per struct, as MessageWriter wrote it.

#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/protocol/codec.hpp"
#include "runtime/protocol/wire_layout.hpp"

namespace weir {

// What is torn is read as whatever it looks like; whole() tells in the end.
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
    resize(m.reservations, sizeof(std::int32_t) + kReservationBytes);
    for (auto& passed : m.reservations) {
      passed.home = RankId(head_.number<std::int32_t>());
      read_reservation(passed.reservation);
    }
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
    for (auto& of_class : m.weights) read_floats(of_class);
    read_floats(m.prices);
    m.log_prices.resize(head_.number<std::uint8_t>());
    for (auto& of_class : m.log_prices) read_floats(of_class);
  }
  void read(SubtreeReport& m) {
    m.sequence = head_.number<std::uint32_t>();
    m.made = now_ - believable(head_.number<Duration::rep>());
    m.worker_count = read_short32();
    m.speed = head_.number<float>();
    m.busy_share = head_.number<float>();
    m.class_count = head_.number<std::uint8_t>();
    if (m.class_count > kMaxClasses) ok_ = false;
    m.changed.resize(head_.number<std::uint8_t>());
    for (auto& of_class : m.changed) {
      of_class.task_class = read_class(head_.number<std::uint8_t>());
      if (of_class.task_class.value() >= m.class_count) ok_ = false;
      of_class.load.queued = read_short32();
      of_class.load.running = read_short32();
      of_class.load.arrived = read_short();
      of_class.load.completed = read_short();
      of_class.load.mean_service_s = head_.number<float>();
    }
  }
  void read(EntryNodes& m) { read_entries(m.clusters); }
  void read(ContentionReport& m) { read_contention(m.classes); }
  void read(ContentionOutlook& m) { read_contention(m.classes); }
  void read(Outlook& m) {
    m.lifetime = believable(head_.number<Duration::rep>());
    read_floats(m.own_shares);
    read_entries(m.others);
  }
  void read(MoveOrder& m) {
    m.number = head_.number<std::uint32_t>();
    m.to = RankId(head_.number<std::int32_t>());
    m.task_class = read_class(head_.number<std::uint8_t>());
    m.count = head_.number<std::uint32_t>();
  }
  void read(MoveOffer& m) {
    m.offer = head_.number<std::uint32_t>();
    read_tasks(m.tasks);
    m.wait_left = believable(head_.number<Duration::rep>());
    m.end_there = believable(head_.number<Duration::rep>());
    m.service = believable(head_.number<Duration::rep>());
  }
  void read(MoveDone& m) {
    m.number = head_.number<std::uint32_t>();
    m.level = head_.number<std::uint8_t>();
    m.moved = head_.number<std::uint32_t>();
    m.bytes = head_.number<std::uint64_t>();
    m.took = believable(head_.number<Duration::rep>());
  }
  void read(MoveQuota& m) {
    m.number = head_.number<std::uint32_t>();
    m.level = head_.number<std::uint8_t>();
    m.task_class = read_class(head_.number<std::uint8_t>());
    resize(m.targets, sizeof(std::int32_t) + sizeof(std::uint32_t));
    for (auto& target : m.targets) {
      target.node = RankId(head_.number<std::int32_t>());
      target.count = head_.number<std::uint32_t>();
    }
  }
  void read(StealHint& m) {
    m.number = head_.number<std::uint32_t>();
    m.victim = RankId(head_.number<std::int32_t>());
    m.most = head_.number<std::uint32_t>();
    m.lifetime = believable(head_.number<Duration::rep>());
  }
  void read(CapacityReport& m) {
    m.sequence = head_.number<std::uint32_t>();
    m.installed = head_.number<double>();
    const auto class_count = head_.number<std::uint8_t>();
    if (class_count > kMaxClasses) ok_ = false;
    m.classes.resize(class_count);
    for (auto& of_class : m.classes) {
      of_class.submitted = read_short();
      of_class.in_flight = read_short();
      of_class.running = read_short();
      of_class.served = read_short();
      of_class.work_s = head_.number<double>();
      of_class.event_in_s = read_optional();
    }
  }
  void read(CapacityOrder& m) {
    m.sequence = head_.number<std::uint32_t>();
    m.capacity = head_.number<double>();
  }
  void read(ServiceSamples& m) {
    m.sequence = head_.number<std::uint32_t>();
    m.version = head_.number<std::uint32_t>();
    read_floats(m.rows);
  }
  void read(EstimatorWeights& m) {
    m.version = head_.number<std::uint32_t>();
    m.sample_count = head_.number<std::uint64_t>();
    read_floats(m.parameters);
    read_floats(m.least);
    read_floats(m.most);
  }
  void read(WeightsReport& m) { read(m.weights); }
  void read(AverageWeights& m) { read(m.weights); }
  void read(Exclusion& m) { read_ranks(m.ranks); }
  void read(HomeCopy& m) {
    read_ranks(m.homes);
    m.bytes = read_bytes(head_.number<std::uint32_t>());
  }
  void read(FinalWord& m) {
    read_ranks(m.restarted_homes);
    m.bytes = read_bytes(head_.number<std::uint32_t>());
  }
  void read(Leave&) {}
  void read(DataRequest& m) {
    m.question = head_.number<std::uint64_t>();
    m.number = head_.number<std::uint64_t>();
    m.name = head_.text();
    m.last_bytes = head_.number<std::uint64_t>();
    m.last_took = believable(head_.number<Duration::rep>());
  }
  void read(DataAnswer& m) {
    m.question = head_.number<std::uint64_t>();
    m.number = head_.number<std::uint64_t>();
    m.version = head_.number<std::uint64_t>();
    m.byte_count = head_.number<std::uint64_t>();
    m.text = head_.text();
    m.data = Payload(read_bytes(head_.number<std::uint32_t>()));
  }
  void read(Farewell& m) {
    m.ended_epochs = head_.number<std::uint32_t>();
    m.waits = head_.number<std::uint8_t>() != 0;
    m.first = RankId(head_.number<std::int32_t>());
    m.first_was_thrown_out = head_.number<std::uint8_t>() != 0;
  }
  void read(Probe&) {}
  void read(ProbeAnswer& m) {
    m.in_flight = head_.number<std::uint32_t>();
    m.worker_count = head_.number<std::uint32_t>();
    m.latency = believable(head_.number<Duration::rep>());
  }
  void read(ReservationBatch& m) { read_reservations(m.reservations); }
  void read(Cancellation& m) { read_reservations(m.reservations); }
  void read(Revocation& m) { read_reservations(m.attempts); }
  void read(TaskRequest& m) { read_reservations(m.wanted); }
  void read(RequestAnswer& m) {
    read_tasks(m.tasks);
    read_reservations(m.gone);
  }

  bool whole() const {
    return ok_ && head_.ok() && head_.remaining() == 0 && next_attachment_ == attachments_.size();
  }

 private:
  static constexpr std::size_t kReservationBytes = 12;
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

  void read_ranks(std::vector<RankId>& ranks) {
    resize(ranks, sizeof(std::int32_t));
    for (RankId& rank : ranks) rank = RankId(head_.number<std::int32_t>());
  }

  void read_floats(std::vector<float>& numbers) {
    resize(numbers, sizeof(float));
    head_.raw(numbers.data(), numbers.size() * sizeof(float));
  }

  std::uint64_t read_short() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = head_.number<std::uint8_t>();
      number |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return number;
    }
    ok_ = false;
    return 0;
  }
  std::uint32_t read_short32() {
    const std::uint64_t number = read_short();
    if (number > UINT32_MAX) ok_ = false;
    return static_cast<std::uint32_t>(number);
  }

  void read_entries(std::vector<EntryCluster>& clusters) {
    constexpr std::size_t kNumber = sizeof(std::uint32_t);
    resize(clusters, 4 * kNumber);
    for (EntryCluster& cluster : clusters) {
      cluster.cluster = RankId(head_.number<std::int32_t>());
      cluster.stands_for = head_.number<std::uint32_t>();
      read_floats(cluster.shares);
      resize(cluster.nodes, sizeof(WireReport) + kTelemetryBytes + 4 * kNumber);
      for (EntryNode& node : cluster.nodes) {
        read_report(node.report);
        read_floats(node.weights);
        node.price = head_.number<float>();
        node.homes = head_.number<float>();
        read_floats(node.log_prices);
      }
    }
  }

  void read_contention(std::vector<ClassContention>& classes) {
    resize(classes, sizeof(std::uint8_t) + sizeof(ContentionSums));
    for (ClassContention& each : classes) {
      each.task_class = read_class(head_.number<std::uint8_t>());
      head_.raw(&each.sums, sizeof each.sums);
    }
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
    h.flags = wire.flags_and_depth & ((1U << kFlagBits) - 1);
    h.depth = wire.flags_and_depth >> kFlagBits;
    h.cores = wire.cores;
    h.device_count = wire.device_count;
    h.memory_domain = wire.memory_domain;
    h.task_class = read_class(wire.task_class);
    h.priority = wire.priority;
    task.payload = Payload(read_bytes(wire.payload_bytes));
  }

  void read_reservations(std::vector<Reservation>& reservations) {
    resize(reservations, kReservationBytes);
    for (Reservation& reservation : reservations) read_reservation(reservation);
  }
  void read_reservation(Reservation& reservation) {
    reservation.task = TaskId(head_.number<std::uint64_t>());
    reservation.attempt = head_.number<std::uint32_t>();
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
    // Copies: a Duration takes a reference, and fields of a packed struct may lie anywhere.
    end.waited = Duration(std::int64_t{wire.waited_ns});
    end.service = Duration(std::int64_t{wire.service_ns});
    end.result = read_bytes(wire.result_bytes);
  }

  std::optional<double> read_optional() {
    if (head_.number<std::uint8_t>() == 0) return std::nullopt;
    return head_.number<double>();
  }

  void read_class(ClassLoad& load) {
    WireClassLoad wire{};
    head_.raw(&wire, sizeof wire);
    load = {.queued = wire.queued,
            .running = wire.running,
            .arrived = wire.arrived,
            .completed = wire.completed,
            .mean_service_s = wire.mean_service_s,
            .limit = wire.limit};
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
    for (ClassLoad& load : r.classes) read_class(load);
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

}  // namespace weir
