// Finds a task in the file of a run: what its home knew when it placed it, and what became of it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/policy/views.hpp"
#include "runtime/record/record_reader.hpp"

namespace weir {

struct RecordedNode {
  NodeView view;                  // as the policy saw it
  double expected_service_s = 0;  // of the task's class
  double measured_speed = 1;      // over all classes
};

struct RecordedPlacement {
  double time_s = 0;
  RankId home;
  ClassId task_class;
  RankId chosen;
  double dispatcher_count = 1;
  Duration slack = Duration::max();  // as in TaskView
  double work_s = 0;                 // mean_work_s() of the class
  std::vector<RecordedNode> nodes;   // by rank; some may be missing
};

struct RecordedEnd {
  std::uint32_t attempt = 1;
  bool failed = false;
  bool dropped = false;  // without having run; at no node: its home did not take it in
  bool moved = false;
  RankId node;
  double arrival_s = 0;
  double response_s = 0;
  double queued_s = 0;
  double service_s = 0;
};

struct RecordedTask {
  TaskId id;
  RankId home;
  ClassId task_class;
  std::string class_name;
  std::string stream_name;
  std::vector<RecordedPlacement> placements;  // one per attempt; more than one if it was retried
  std::optional<RecordedEnd> end;             // nothing: not complete when the record ended
  std::string error;                          // of a task that failed
};

// Whether the file was recorded with placements.
bool has_placements(const RecordReader& record);

// Nothing where the file has neither a placement nor a row of that task.
std::optional<RecordedTask> find_task(const RecordReader& record, TaskId id);

// The policy of the run, with its parameters.
std::string policy_of(const RecordReader& record);

}  // namespace weir
