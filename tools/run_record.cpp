#include "tools/run_record.hpp"

#include <limits>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr std::size_t kMostErrors = 256;  // texts that are kept apart

constexpr TableIndex kTasks{0};
constexpr TableIndex kDeadLetters{1};
constexpr TableIndex kTelemetry{2};
constexpr TableIndex kHistogram{3};

std::vector<TableSchema> run_tables() {
  using enum ColumnType;
  return {{"tasks",
           {{"id", kUint64, "stream id (upper 16 bits) and index in the stream"},
            {"class", kUint8, "position in class_names"},
            {"attempt", kUint32, "the attempt that ended it, from 1"},
            {"failed", kUint8, "1 if its last attempt failed"},
            {"dropped", kUint8, "1 if it never ran: turned away, or too late for its deadline"},
            {"moved", kUint8, "1 if it was handed over between nodes"},
            {"node", kInt32, "rank of the last attempt; -1: turned away before one"},
            {"arrival_s", kDouble, "scheduled arrival, s since this rank's begin of the run"},
            {"response_s", kDouble, "from the scheduled arrival to the completion at its home, s"},
            {"queued_s", kDouble, "of it queued at the node, s"},
            {"service_s", kDouble, "of it running, s"}}},
          {"dead_letters",
           {{"id", kUint64, "stream id (upper 16 bits) and index in the stream"},
            {"class", kUint8, "position in class_names"},
            {"attempts", kUint32, "all of which failed"},
            {"node", kInt32, "rank that ran the last attempt"},
            {"error", kUint32, "number N of the attribute error_N that holds the text"}}},
          {"telemetry",
           {{"time_s", kDouble, "s since this rank's begin of the run"},
            {"queued", kUint32, "tasks accepted and not started"},
            {"running", kUint32, "tasks running"},
            {"arrived", kUint64, "tasks accepted since the begin"},
            {"completed", kUint64, "tasks ended since the begin"},
            {"busy_share", kDouble, "of the workers, since the row before"},
            {"cpu_utilization", kDouble, "of this node's cores, 0 to 1; NaN where not told"},
            {"memory_used_bytes", kDouble, "NaN where not told"},
            {"memory_available_bytes", kDouble, "NaN where not told"},
            {"network_bytes_per_s", kDouble, "NaN where not told"},
            {"cpu_pressure", kDouble,
             "share of time some task waited for a core; NaN where not told"}}},
          {"response_histogram",
           {{"class", kUint8, "position in class_names"},
            {"upper_s", kDouble, "upper bound of the bucket, s"},
            {"count", kUint64, "tasks of this home in it"}}}};
}

Attributes attributes_of(const RunRecordHead& head) {
  Attributes attributes = option_attributes(head.options);
  attributes["host"] = head.host;
  attributes["share"] = head.share;
  attributes["rank"] = std::int64_t{head.rank.value()};
  attributes["workers"] = std::int64_t{head.worker_count};
  attributes["speed"] = head.speed;
  return attributes;
}

double or_nan(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

Attributes option_attributes(const std::vector<std::pair<std::string, std::string>>& options) {
  Attributes attributes;
  for (const auto& [name, value] : options) {
    const auto [at, added] = attributes.try_emplace("option_" + name, value);
    if (!added) std::get<std::string>(at->second) += "," + value;
  }
  return attributes;
}

RunRecord::RunRecord(const std::filesystem::path& segment, const RunRecordHead& head)
    : rank_(head.rank),
      task_share_(head.task_share),
      writer_(segment, run_tables(), attributes_of(head),
              {{"class_names", head.class_names, "class of position i"},
               {"stream_names", head.stream_names, "stream of id i"}}) {}

void RunRecord::add_task(const CompletedTask& task, Instant) {
  const TaskHeader& h = task.header;
  const bool failed = task.status == TaskStatus::kFailed;
  if (failed) {
    std::string text(reinterpret_cast<const char*>(task.result.data()), task.result.size());
    // Texts that all differ would fill the memory and the file.
    if (errors_.size() >= kMostErrors && !errors_.contains(text)) text = "an error of another kind";
    const auto [error, added] =
        errors_.try_emplace(std::move(text), static_cast<std::uint32_t>(errors_.size()));
    writer_.append(kDeadLetters, h.id.value(), h.task_class.value(), h.attempt, task.node.value(),
                   error->second);
  }
  // Which tasks are recorded follows from their ids: runs of one stream record the same ones.
  if (Random(h.id.value()).uniform() >= task_share_) return;
  writer_.append(
      kTasks, h.id.value(), h.task_class.value(), h.attempt, static_cast<std::uint8_t>(failed),
      static_cast<std::uint8_t>(task.status == TaskStatus::kDropped),
      static_cast<std::uint8_t>(task.moved), task.node.value(), seconds_since_start(h.arrival),
      to_seconds(task.response), to_seconds(task.waited), to_seconds(task.service));
}

void RunRecord::add_telemetry(const NodeReport& report, Instant now) {
  ClassLoad sum;
  for (const ClassLoad& load : report.classes) {
    sum.queued += load.queued;
    sum.running += load.running;
    sum.arrived += load.arrived;
    sum.completed += load.completed;
  }
  const NodeTelemetry& t = report.telemetry;
  writer_.append(kTelemetry, seconds_since_start(now), sum.queued, sum.running, sum.arrived,
                 sum.completed, report.busy_share, or_nan(t.cpu_utilization),
                 or_nan(t.memory_used_bytes), or_nan(t.memory_available_bytes),
                 or_nan(t.network_bytes_per_s), or_nan(t.cpu_pressure));
}

std::string RunRecord::close(const RunTally& tally) {
  for (std::size_t i = 0; i < tally.classes().size(); ++i) {
    for (const auto& bucket : tally.classes()[i].response.buckets()) {
      writer_.append(kHistogram, static_cast<std::uint8_t>(i), to_seconds(bucket.upper),
                     bucket.count);
    }
  }
  Attributes final_attributes;
  for (const auto& [text, number] : errors_) {
    final_attributes["error_" + std::to_string(number)] = text;
  }
  for (std::size_t i = 0; i < tally.digests().size(); ++i) {
    final_attributes["digest_" + std::to_string(i)] = tally.digests()[i].hex();
  }
  const RecordOutcome outcome = writer_.close(final_attributes);
  if (outcome.failure) return *outcome.failure;
  if (outcome.dropped_rows > 0) {
    return std::to_string(outcome.dropped_rows) + " rows came faster than the disk took them";
  }
  return {};
}

void TelemetryRecorder::observe(const NodeAgent& agent, Instant now) {
  const NodeReport& report = agent.cluster().report(self_);
  if (report.sequence == last_sequence_) return;
  last_sequence_ = report.sequence;
  record_.add_telemetry(report, now);
}

}  // namespace weir
