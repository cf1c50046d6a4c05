// What a run leaves in its HDF5 file: one row per task, dead letters, the node's telemetry, and the
// response histogram. The layout is described in tools/README.md.

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/histogram.hpp"
#include "runtime/control/completion_sink.hpp"
#include "runtime/control/learning_observer.hpp"
#include "runtime/control/move_observer.hpp"
#include "runtime/policy/views.hpp"
#include "runtime/record/record_writer.hpp"
#include "tools/result/run_reactor.hpp"
#include "tools/result/run_tally.hpp"
#include "topology/machine.hpp"

namespace weir {

// Each as an attribute option_NAME; the values of one given twice stand in one, with a comma.
Attributes option_attributes(const std::vector<std::pair<std::string, std::string>>& options);

// What is known when the run begins.
struct RunRecordHead {
  RankId rank;
  std::vector<std::pair<std::string, std::string>> options;
  std::vector<std::string> class_names;
  std::vector<std::string> stream_names;
  std::string host;
  std::string share;  // of the host: cpuset and workers, as text
  int worker_count = 0;
  double speed = 1;
  RankId coordinator;       // where that of its cluster is
  double task_share = 1;    // of the tasks get a row
  bool placements = false;  // what the home knew when it placed them, too
  bool moves = false;       // what coordinators here decided about queued tasks, and why
  bool learning = false;    // what they have learned
  RecordOptions writer{};
};

// One rank's segment of the run file. Control thread only.
class RunRecord {
 public:
  // Throws Error if the segment cannot be made.
  RunRecord(const std::filesystem::path& segment, const RunRecordHead& head);

  void add_task(const CompletedTask& task, Instant now);
  void add_telemetry(const NodeReport& report, Instant now);
  // Of the tasks that get a row, where placements are recorded.
  void add_placement(const TaskView& task, const ClusterView& cluster, RankId chosen, Instant now);

  // Where moves are recorded.
  void add_move(const DecidedMove& move, Instant now);
  void add_move_end(const MoveDone& done, Instant now);

  // Where it is recorded what coordinators learn.
  void add_learning(const LearningEvent& event, Instant now);

  // Whether writing has failed. Only where the writer has no thread of its own.
  bool failed() const { return writer_.failed(); }

  // Writes the histograms and closes the segment. Returns what went wrong, or an empty text.
  std::string close(const RunTally& tally);

 private:
  // Of the tables of moves, where they are recorded.
  TableIndex move_table(std::uint16_t number) const;

  RankId rank_;
  double task_share_;
  bool placements_;
  std::uint64_t placement_count_ = 0;
  std::optional<std::uint16_t> first_move_table_;
  std::optional<TableIndex> learning_table_;
  std::uint64_t move_count_ = 0;
  // Numbers of the coordinators of this rank, by level, and what they are in the record.
  std::map<std::pair<std::uint8_t, std::uint32_t>, std::uint64_t> moves_;
  RecordWriter writer_;
  std::map<std::string, std::uint32_t> errors_;  // text of an error -> its number
};

// Records the newest report of this rank.
class TelemetryRecorder final : public RunObserver {
 public:
  TelemetryRecorder(RankId self, RunRecord& record) : self_(self), record_(record) {}
  Duration interval() const override { return std::chrono::milliseconds(250); }
  void observe(const NodeAgent& agent, Instant now) override;

 private:
  RankId self_;
  RunRecord& record_;
  std::uint32_t last_sequence_ = 0;
};

}  // namespace weir
