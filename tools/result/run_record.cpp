#include "tools/result/run_record.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr std::size_t kMostErrors = 256;  // texts that are kept apart

constexpr TableIndex kTasks{0};
constexpr TableIndex kDeadLetters{1};
constexpr TableIndex kTelemetry{2};
constexpr TableIndex kHistogram{3};
constexpr TableIndex kPlacements{4};
constexpr TableIndex kCandidates{5};

std::vector<TableSchema> placement_tables() {
  using enum ColumnType;
  return {{"placements",
           {{"number", kUint64, "of this rank's recorded placements, from 0"},
            {"id", kUint64, "of the task; one that is tried again is placed again"},
            {"class", kUint8, "position in class_names"},
            {"time_s", kDouble, "s since this rank's begin of the run"},
            {"node", kInt32, "the node that was chosen"},
            {"dispatchers", kDouble, "homes that place tasks, as the rule was told"},
            {"slack_s", kDouble, "until its deadline, negative when late; infinite: it has none"},
            {"work_s", kDouble, "mean service of the class over all nodes, at speed 1"}}},
          {"candidates",
           {{"placement", kUint64, "its number"},
            {"node", kInt32, "rank"},
            {"cores", kDouble, "workers; 0: the node takes no tasks"},
            {"speed", kDouble, "nominal, of a core"},
            {"queued", kUint32, "tasks, by the last report"},
            {"running", kUint32, "tasks, by the last report"},
            {"report_age_s", kDouble, "of that report"},
            {"own_in_flight", kUint32, "this home's tasks there or on their way, counted now"},
            {"own_since_report", kUint32, "of them placed since the report"},
            {"own_of_class", kUint32, "of own_in_flight, those of the task's class"},
            {"limit", kUint32, "of the class at once, as the node has found; 0: none"},
            {"running_of_class", kUint32, "of running, those of the task's class"},
            {"homes", kDouble, "that place tasks there, as the rule was told"},
            {"mean_service_s", kDouble, "measured there, of the task's class; 0: unknown"},
            {"expected_service_s", kDouble, "the same, or half of what other nodes make expect"},
            {"measured_speed", kDouble, "over all classes, by measured times; nominal if none"}}}};
}

std::vector<TableSchema> move_tables() {
  using enum ColumnType;
  return {{"moves",
           {{"number", kUint64, "of the moves that were decided on this rank, from 0"},
            {"level", kUint8, "of the coordinator that decided it"},
            {"kind", kUint8,
             "0: order, 1: quota for a part of the tree, 2: order for a quota, "
             "3: hint that was followed"},
            {"time_s", kDouble, "s since this rank's begin of the run"},
            {"from", kInt32, "rank of the node or coordinator that was to give"},
            {"to", kInt32, "rank of the one that was to get"},
            {"class", kUint8, "position in class_names"},
            {"count", kUint32, "tasks, at most"},
            {"wait_from_s", kDouble, "of a task there, before"},
            {"wait_to_s", kDouble, "of a task there, before"},
            {"wait_from_after_s", kDouble, "as expected"},
            {"wait_to_after_s", kDouble, "as expected"},
            {"service_from_s", kDouble, "of the class, measured there"},
            {"service_to_s", kDouble, "of the class, measured there"},
            {"gain_s", kDouble, "expected, per task"},
            {"cost_s", kDouble, "of the transfer, as earlier ones were; 0: none yet"},
            {"margin_s", kDouble, "what chance may do while reports age"}}},
          {"move_candidates",
           {{"move", kUint64, "its number"},
            {"node", kInt32, "rank"},
            {"workers", kDouble, "that may run the class; 0: it takes no part"},
            {"queued", kUint32, "tasks"},
            {"queued_of_class", kUint32, "of them of the class"},
            {"service_s", kDouble, "of the class, measured or expected"},
            {"wait_s", kDouble, "expected of a further task of the class"}}},
          {"move_ends",
           {{"move", kUint64, "its number"},
            {"time_s", kDouble, "s since this rank's begin of the run"},
            {"moved", kUint32, "tasks"},
            {"bytes", kUint64, "of their payloads and headers"},
            {"took_s", kDouble, "from the offer to its answer; 0: nothing was offered"}}}};
}

TableSchema learning_table() {
  using enum ColumnType;
  return {"learning",
          {{"time_s", kDouble, "s since this rank's begin of the run"},
           {"cluster", kInt32, "rank of its coordinator"},
           {"step", kUint8, "0: fitted, 1: averaged, 2: promoted, 3: dropped, 4: rolled back"},
           {"version", kUint32, "of the weights that the homes go by after it"},
           {"tasks", kUint64, "on which losses were compared; of a fit, those it was fitted to"},
           {"told_loss", kDouble, "mean, as nodes told"},
           {"in_use_loss", kDouble, "mean, of the weights that homes went by until then"},
           {"challenger_loss", kDouble, "mean, of the others: the candidate, or those before"}}};
}

std::vector<TableSchema> run_tables(const RunRecordHead& head) {
  using enum ColumnType;
  std::vector<TableSchema> tables{
      {"tasks",
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
  if (head.placements) std::ranges::move(placement_tables(), std::back_inserter(tables));
  if (head.moves) std::ranges::move(move_tables(), std::back_inserter(tables));
  if (head.learning) tables.push_back(learning_table());
  return tables;
}

// Which tasks are recorded follows from their ids: runs of one stream record the same ones.
bool is_recorded(TaskId id, double share) { return Random(id.value()).uniform() < share; }

Attributes attributes_of(const RunRecordHead& head) {
  Attributes attributes = option_attributes(head.options);
  attributes["host"] = head.host;
  attributes["share"] = head.share;
  attributes["rank"] = std::int64_t{head.rank.value()};
  attributes["workers"] = std::int64_t{head.worker_count};
  attributes["speed"] = head.speed;
  attributes["coordinator"] = std::int64_t{head.coordinator.value()};
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
      placements_(head.placements),
      writer_(segment, run_tables(head), attributes_of(head),
              {{"class_names", head.class_names, "class of position i"},
               {"stream_names", head.stream_names, "stream of id i"}},
              head.writer) {
  if (head.moves) first_move_table_ = head.placements ? 6 : 4;
  if (head.learning) {
    learning_table_ = TableIndex(static_cast<std::uint16_t>(run_tables(head).size() - 1));
  }
}

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
  if (!is_recorded(h.id, task_share_)) return;
  writer_.append(
      kTasks, h.id.value(), h.task_class.value(), h.attempt, static_cast<std::uint8_t>(failed),
      static_cast<std::uint8_t>(task.status == TaskStatus::kDropped),
      static_cast<std::uint8_t>(task.moved), task.node.value(), seconds_since_start(h.arrival),
      to_seconds(task.response), to_seconds(task.waited), to_seconds(task.service));
}

void RunRecord::add_placement(const TaskView& task, const ClusterView& cluster, RankId chosen,
                              Instant now) {
  if (!placements_ || !is_recorded(task.id, task_share_)) return;
  const std::uint64_t number = placement_count_++;
  const double work_s = mean_work_s(cluster, task.task_class);
  const double slack_s = task.slack == Duration::max() ? std::numeric_limits<double>::infinity()
                                                       : to_seconds(task.slack);
  const std::size_t of_class = task.task_class.value();
  writer_.append(kPlacements, number, task.id.value(), task.task_class.value(),
                 seconds_since_start(now), chosen.value(), cluster.dispatcher_count, slack_s,
                 work_s);
  const ClassWork work_of_classes = mean_work_of_classes(cluster);
  for (const NodeView& node : cluster.nodes) {
    writer_.append(kCandidates, number, node.rank.value(), node.cores, node.speed, node.queued,
                   node.running, to_seconds(node.report_age), node.own_in_flight,
                   node.own_since_report, node.own_of_class[of_class], node.classes[of_class].limit,
                   node.classes[of_class].running, homes_at(node, cluster),
                   node.mean_service_s[of_class], expected_service_s(node, task.task_class, work_s),
                   measured_speed(node, work_of_classes));
  }
}

void RunRecord::add_learning(const LearningEvent& event, Instant now) {
  if (!learning_table_) return;
  writer_.append(*learning_table_, seconds_since_start(now), event.cluster.value(),
                 static_cast<std::uint8_t>(event.step), event.version, event.task_count,
                 event.told_loss, event.in_use_loss, event.challenger_loss);
}

TableIndex RunRecord::move_table(std::uint16_t number) const {
  return TableIndex(static_cast<std::uint16_t>(*first_move_table_ + number));
}

void RunRecord::add_move(const DecidedMove& move, Instant now) {
  if (!first_move_table_) return;
  const std::uint64_t number = move_count_++;
  moves_[{move.level, move.number}] = number;
  const PlannedMove& why = move.why;
  writer_.append(move_table(0), number, move.level, static_cast<std::uint8_t>(move.kind),
                 seconds_since_start(now), move.from.value(), move.to.value(),
                 why.task_class.value(), why.count, why.wait_from_s, why.wait_to_s,
                 why.wait_from_after_s, why.wait_to_after_s, why.service_from_s, why.service_to_s,
                 why.gain_s, why.cost_s, why.margin_s);
  for (const MoveCandidate& candidate : move.candidates) {
    writer_.append(move_table(1), number, candidate.node.value(), candidate.workers,
                   candidate.queued, candidate.queued_of_class, candidate.service_s,
                   candidate.wait_s);
  }
}

void RunRecord::add_move_end(const MoveDone& done, Instant now) {
  const auto found = moves_.find({done.level, done.number});
  if (!first_move_table_ || found == moves_.end()) return;
  writer_.append(move_table(2), found->second, seconds_since_start(now), done.moved, done.bytes,
                 to_seconds(done.took));
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
