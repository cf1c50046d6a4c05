// The tasks of one home that are not yet complete, and how far each of them is.

#pragma once

#include <cstdint>
#include <unordered_map>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// Only the current attempt of an entry counts. The payload is kept until the task is complete, so
// that another attempt can be made from it whatever became of the node that had it.
struct TaskEntry {
  TaskHeader header;
  Payload payload;
  RankId node;              // where the current attempt is, as far as this home knows
  RankId target = kNoRank;  // where it is pinned to; kNoRank: wherever the policy likes
  Instant placed{};         // when the current attempt was placed
  bool moved = false;       // some attempt was handed over
};

class TaskTable {
 public:
  // A second task of the same id is a mistake in the program that made the ids.
  TaskEntry& add(Task task);
  // Null when the task is complete or was never here.
  TaskEntry* find(TaskId id);
  // Null also when `attempt` is not the current one.
  TaskEntry* find_attempt(TaskId id, std::uint32_t attempt);
  void remove(TaskId id);

  std::size_t size() const { return entries_.size(); }

 private:
  std::unordered_map<TaskId, TaskEntry> entries_;
};

}  // namespace weir
