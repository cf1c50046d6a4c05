// The fields of messages to bytes: one overload per struct, in the order of its members.
// MessageReader holds the other side of each.

#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/protocol/codec.hpp"
#include "runtime/protocol/wire_layout.hpp"

namespace weir {

// Takes bytes and the results of ends out of the message; everything else is left as it is.
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
    head_.number(count(m.reservations));
    for (const auto& passed : m.reservations) {
      head_.number(passed.home.value());
      write_reservation(passed.reservation);
    }
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
    for (const auto& of_class : m.weights) write_floats(of_class);
    write_floats(m.prices);
    head_.number(static_cast<std::uint8_t>(m.log_prices.size()));
    for (const auto& of_class : m.log_prices) write_floats(of_class);
  }
  void write(const SubtreeReport& m) {
    head_.number(m.sequence);
    head_.number((now_ - m.made).count());
    write_short(m.worker_count);
    head_.number(m.speed);
    head_.number(m.busy_share);
    head_.number(m.class_count);
    head_.number(static_cast<std::uint8_t>(m.changed.size()));
    for (const auto& of_class : m.changed) {
      head_.number(of_class.task_class.value());
      write_short(of_class.load.queued);
      write_short(of_class.load.running);
      write_short(of_class.load.arrived);
      write_short(of_class.load.completed);
      head_.number(static_cast<float>(of_class.load.mean_service_s));
    }
  }
  void write(const EntryNodes& m) { write_entries(m.clusters); }
  void write(const Outlook& m) {
    head_.number(m.lifetime.count());
    write_floats(m.own_shares);
    write_entries(m.others);
  }
  void write(const MoveOrder& m) {
    head_.number(m.number);
    head_.number(m.to.value());
    head_.number(m.task_class.value());
    head_.number(m.count);
  }
  void write(const MoveOffer& m) {
    head_.number(m.offer);
    write_tasks(m.tasks);
    head_.number(m.wait_left.count());
    head_.number(m.end_there.count());
    head_.number(m.service.count());
  }
  void write(const MoveDone& m) {
    head_.number(m.number);
    head_.number(m.level);
    head_.number(m.moved);
    head_.number(m.bytes);
    head_.number(m.took.count());
  }
  void write(const MoveQuota& m) {
    head_.number(m.number);
    head_.number(m.level);
    head_.number(m.task_class.value());
    head_.number(count(m.targets));
    for (const auto& target : m.targets) {
      head_.number(target.node.value());
      head_.number(target.count);
    }
  }
  void write(const StealHint& m) {
    head_.number(m.number);
    head_.number(m.victim.value());
    head_.number(m.most);
    head_.number(m.lifetime.count());
  }
  void write(const ContentionReport& m) { write_contention(m.classes); }
  void write(const ContentionOutlook& m) { write_contention(m.classes); }
  void write(const CapacityReport& m) {
    head_.number(m.sequence);
    head_.number(m.installed);
    head_.number(static_cast<std::uint8_t>(m.classes.size()));
    for (const auto& of_class : m.classes) {
      write_short(of_class.submitted);
      write_short(of_class.in_flight);
      write_short(of_class.running);
      write_short(of_class.served);
      head_.number(of_class.work_s);
      write_optional(of_class.event_in_s);
    }
  }
  void write(const CapacityOrder& m) {
    head_.number(m.sequence);
    head_.number(m.capacity);
  }
  void write(const ServiceSamples& m) {
    head_.number(m.sequence);
    head_.number(m.version);
    write_floats(m.rows);
  }
  void write(const EstimatorWeights& m) {
    head_.number(m.version);
    head_.number(m.sample_count);
    write_floats(m.parameters);
    write_floats(m.least);
    write_floats(m.most);
  }
  void write(const WeightsReport& m) { write(m.weights); }
  void write(const AverageWeights& m) { write(m.weights); }
  void write(const Exclusion& m) { write_ranks(m.ranks); }
  void write(HomeCopy& m) {
    write_ranks(m.homes);
    write_bytes(m.bytes);
  }
  void write(FinalWord& m) {
    write_ranks(m.restarted_homes);
    write_bytes(m.bytes);
  }
  void write(const Leave&) {}
  void write(const DataRequest& m) {
    head_.number(m.question);
    head_.number(m.number);
    head_.text(m.name);
    head_.number(m.last_bytes);
    head_.number(m.last_took.count());
  }
  void write(const DataAnswer& m) {
    head_.number(m.question);
    head_.number(m.number);
    head_.number(m.version);
    head_.number(m.byte_count);
    head_.text(m.text);
    const std::uint32_t size = wire_size(m.data.bytes());
    head_.number(size);
    write_payload(m.data, size);
  }
  void write(const Farewell& m) {
    head_.number(m.ended_epochs);
    head_.number(std::uint8_t{m.waits});
    head_.number(std::int32_t{m.first.value()});
    head_.number(std::uint8_t{m.first_was_thrown_out});
  }
  void write(const Probe&) {}
  void write(const ProbeAnswer& m) {
    head_.number(m.in_flight);
    head_.number(m.worker_count);
    head_.number(m.latency.count());
  }
  void write(const ReservationBatch& m) { write_reservations(m.reservations); }
  void write(const Cancellation& m) { write_reservations(m.reservations); }
  void write(const Revocation& m) { write_reservations(m.attempts); }
  void write(const TaskRequest& m) { write_reservations(m.wanted); }
  void write(const RequestAnswer& m) {
    write_tasks(m.tasks);
    write_reservations(m.gone);
  }

 private:
  template <typename T>
  static std::uint32_t count(const std::vector<T>& items) {
    return static_cast<std::uint32_t>(items.size());
  }

  void write_ranks(const std::vector<RankId>& ranks) {
    head_.number(count(ranks));
    for (const RankId rank : ranks) head_.number(rank.value());
  }

  void write_bytes(Bytes& bytes) {
    const std::uint32_t size = wire_size(bytes);
    head_.number(size);
    if (size == kAttached) {
      out_.attachments.emplace_back(std::move(bytes));
    } else {
      head_.raw(bytes.data(), bytes.size());
    }
  }

  void write_floats(const std::vector<float>& numbers) {
    head_.number(count(numbers));
    head_.raw(numbers.data(), numbers.size() * sizeof(float));
  }

  // Seven bits to a byte, the lowest first: most numbers are small.
  void write_short(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) head_.number(static_cast<std::uint8_t>(number | 0x80));
    head_.number(static_cast<std::uint8_t>(number));
  }

  void write_entries(const std::vector<EntryCluster>& clusters) {
    head_.number(count(clusters));
    for (const EntryCluster& cluster : clusters) {
      head_.number(cluster.cluster.value());
      head_.number(cluster.stands_for);
      write_floats(cluster.shares);
      head_.number(count(cluster.nodes));
      for (const EntryNode& node : cluster.nodes) {
        write_report(node.report);
        write_floats(node.weights);
        head_.number(node.price);
        head_.number(node.homes);
        write_floats(node.log_prices);
      }
    }
  }

  void write_contention(const std::vector<ClassContention>& classes) {
    head_.number(count(classes));
    for (const ClassContention& each : classes) {
      head_.number(each.task_class.value());
      head_.raw(&each.sums, sizeof each.sums);
    }
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
        .flags_and_depth = static_cast<std::uint16_t>(h.depth << kFlagBits | h.flags),
        .cores = h.cores,
        .device_count = h.device_count,
        .task_class = h.task_class.value(),
        .priority = h.priority,
        .memory_domain = h.memory_domain};
    head_.raw(&wire, sizeof wire);
    write_payload(payload, wire.payload_bytes);
  }

  void write_payload(const Payload& payload, std::uint32_t size) {
    if (size == kAttached) {
      out_.attachments.push_back(payload);
    } else {
      head_.raw(payload.bytes().data(), size);
    }
  }

  void write_reservations(const std::vector<Reservation>& reservations) {
    head_.number(count(reservations));
    for (const Reservation& reservation : reservations) write_reservation(reservation);
  }
  void write_reservation(const Reservation& reservation) {
    head_.number(reservation.task.value());
    head_.number(reservation.attempt);
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

  void write_class(const ClassLoad& load) {
    constexpr std::uint32_t kMost = UINT16_MAX;
    const WireClassLoad wire{.queued = load.queued,
                             .running = static_cast<std::uint16_t>(std::min(load.running, kMost)),
                             .limit = static_cast<std::uint16_t>(std::min(load.limit, kMost)),
                             .arrived = load.arrived,
                             .completed = load.completed,
                             .mean_service_s = load.mean_service_s};
    head_.raw(&wire, sizeof wire);
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
    for (const ClassLoad& load : r.classes) write_class(load);
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

}  // namespace weir
