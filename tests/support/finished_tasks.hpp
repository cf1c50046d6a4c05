// Tasks that have ended, as a sink gets them.

#pragma once

#include <string_view>

#include "runtime/control/completion_sink.hpp"

namespace weir {

inline Bytes bytes_of(std::string_view text) {
  Bytes bytes;
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

// Ran at `node` for 2 ms after 1 ms in its queue.
inline CompletedTask done_task(std::uint16_t stream, std::uint64_t index, std::int32_t node = 0,
                               Duration response = std::chrono::milliseconds(5)) {
  CompletedTask task;
  task.header.id = make_task_id(StreamId(stream), index);
  task.header.task_class = ClassId(static_cast<std::uint8_t>(stream));
  task.header.arrival = Instant(std::chrono::milliseconds(10 * index));
  task.node = RankId(node);
  task.response = response;
  task.waited = std::chrono::milliseconds(1);
  task.service = std::chrono::milliseconds(2);
  task.result = bytes_of("result of " + std::to_string(index));
  return task;
}

inline CompletedTask failed_task(std::uint16_t stream, std::uint64_t index,
                                 std::string_view error) {
  CompletedTask task = done_task(stream, index);
  task.status = TaskStatus::kFailed;
  task.header.attempt = 3;
  task.result = bytes_of(error);
  return task;
}

// Turned away at its home.
inline CompletedTask dropped_task(std::uint16_t stream, std::uint64_t index) {
  CompletedTask task = done_task(stream, index, -1, Duration(0));
  task.status = TaskStatus::kDropped;
  task.waited = task.service = Duration(0);
  task.result = {};
  return task;
}

inline CompletedTask with_deadline(CompletedTask task, Duration patience) {
  task.header.deadline = task.header.arrival + patience;
  return task;
}

}  // namespace weir
