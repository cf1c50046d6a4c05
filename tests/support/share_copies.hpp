// Copies of shares of streams, as homes of a run make them.

#pragma once

#include "tools/load/stream_source.hpp"
#include "tools/run/home_copy.hpp"

namespace weir {

inline RunTally tally_of_two_streams() { return {2, 2, 3}; }

inline CompletedTask completed(TaskId id, TaskStatus status = TaskStatus::kDone) {
  CompletedTask task;
  task.header.id = id;
  task.header.task_class = ClassId(static_cast<std::uint8_t>(stream_of(id).value()));
  task.node = RankId(0);
  task.status = status;
  task.response = std::chrono::milliseconds(3);
  task.result = Bytes(1, std::byte(id.value() & 0xff));
  return task;
}

// Of share 1 of 3: the tasks of stream 0 before index 40 were taken; of the 3rd and every 5th it
// is not known what came of them.
inline ShareCopy some_share_copy() {
  ShareCopy copy = untouched_share(1, 3, tally_of_two_streams());
  RunTally tally = tally_of_two_streams();
  copy.generation = 2;
  copy.capacity_per_s = 0.1 + 0.2;  // no short decimal number
  copy.reached = std::chrono::milliseconds(1234);
  copy.elapsed = std::chrono::milliseconds(999);
  copy.next = {40, 0};
  for (std::uint64_t index = 0; index < 40; ++index) {
    const TaskId id = make_task_id(StreamId(0), index);
    if (home_of(id, 3) != 1) continue;
    if (index % 5 == 3) {
      copy.open.push_back(id);
    } else {
      tally.add(completed(id), Instant{});
    }
  }
  copy.tally = tally.without_nodes();
  return copy;
}

}  // namespace weir
